/** Numbers of the US states in the atlas (FIPS) and their postal codes, by which transactions name them. */

/** @type {Readonly<Record<string, string>>} */
export const CODE_OF_FIPS = Object.fromEntries(
  ("01AL02AK04AZ05AR06CA08CO09CT10DE11DC12FL13GA15HI16ID17IL18IN19IA20KS21KY22LA23ME24MD25MA26MI27MN28MS29MO30MT31NE" +
    "32NV33NH34NJ35NM36NY37NC38ND39OH40OK41OR42PA44RI45SC46SD47TN48TX49UT50VT51VA53WA54WV55WI56WY60AS66GU69MP72PR78VI")
    .match(/.{4}/g).map((entry) => [entry.slice(0, 2), entry.slice(2)]),
);
