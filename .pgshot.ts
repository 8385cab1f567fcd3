import { chromium } from "playwright-core";
const [base, out, ...views] = Deno.args;
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox","--disable-gpu","--disable-quic","--no-first-run"] });
for (const v of views) {
  const [name, query, scheme, h] = v.split("|");
  const p = await b.newPage({ viewport: { width: 1440, height: Number(h ?? 1000) }, colorScheme: (scheme || "light") as "light"|"dark", locale: "en-GB", timezoneId: "Europe/Berlin" });
  p.on("console", m => m.type()==="error" && console.log("console", m.text()));
  p.on("pageerror", e => console.log("pageerror", e.stack));
  await p.goto(base + query);
  await p.waitForTimeout(5000);
  await p.screenshot({ path: `${out}/${name}.png`, fullPage: true });
  await p.close();
}
await b.close();
