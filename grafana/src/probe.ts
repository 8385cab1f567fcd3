import { stringify } from "npm:yaml@2.9.1";
console.log(stringify({ a: [1, "x: y", { b: "${INFLUX_URL}", c: true }], text: "SELECT \"a\" =~ /^$x$/ FROM 'b'", long: "x ".repeat(100) }, { lineWidth: 0 }));
