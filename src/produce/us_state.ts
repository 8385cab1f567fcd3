/** Where customers live: the states of the USA and the District of Columbia. */

/** One state. */
export interface UsState {
  /** Postal code. */
  readonly code: string;
  /** Inhabitants in thousands, census of 2020. */
  readonly population: number;
  /** About the middle of where its people live, in degrees. */
  readonly lat: number;
  readonly lon: number;
  /** Local standard time minus UTC; most of the state's people live by it. */
  readonly utcOffsetHours: number;
}

function state(code: string, population: number, place: readonly [number, number, number]): UsState {
  const [lat, lon, utcOffsetHours] = place;
  return { code, population, lat, lon, utcOffsetHours };
}

/** All 51, by name. */
export const US_STATES: readonly UsState[] = [
  state("AL", 5024, [32.8, -86.8, -6]),
  state("AK", 733, [61.2, -149.9, -9]),
  state("AZ", 7152, [33.4, -112.0, -7]),
  state("AR", 3012, [34.8, -92.4, -6]),
  state("CA", 39538, [35.5, -119.4, -8]),
  state("CO", 5774, [39.6, -105.0, -7]),
  state("CT", 3606, [41.5, -72.8, -5]),
  state("DE", 990, [39.4, -75.6, -5]),
  state("DC", 690, [38.9, -77.0, -5]),
  state("FL", 21538, [27.9, -81.7, -5]),
  state("GA", 10712, [33.4, -83.9, -5]),
  state("HI", 1455, [21.3, -157.9, -10]),
  state("ID", 1839, [43.7, -115.2, -7]),
  state("IL", 12813, [41.3, -88.4, -6]),
  state("IN", 6786, [40.2, -86.3, -5]),
  state("IA", 3190, [41.9, -93.1, -6]),
  state("KS", 2938, [38.4, -96.5, -6]),
  state("KY", 4506, [37.8, -85.3, -5]),
  state("LA", 4658, [30.7, -91.5, -6]),
  state("ME", 1362, [44.3, -69.7, -5]),
  state("MD", 6177, [39.1, -76.8, -5]),
  state("MA", 7030, [42.3, -71.4, -5]),
  state("MI", 10077, [42.9, -84.2, -5]),
  state("MN", 5706, [45.2, -93.6, -6]),
  state("MS", 2961, [32.6, -89.6, -6]),
  state("MO", 6155, [38.4, -92.2, -6]),
  state("MT", 1084, [46.8, -111.2, -7]),
  state("NE", 1962, [41.2, -97.4, -6]),
  state("NV", 3105, [37.2, -116.3, -8]),
  state("NH", 1378, [43.2, -71.5, -5]),
  state("NJ", 9289, [40.4, -74.4, -5]),
  state("NM", 2118, [34.6, -106.3, -7]),
  state("NY", 20201, [41.5, -74.6, -5]),
  state("NC", 10439, [35.6, -79.7, -5]),
  state("ND", 779, [47.4, -99.4, -6]),
  state("OH", 11799, [40.5, -82.7, -5]),
  state("OK", 3959, [35.6, -96.8, -6]),
  state("OR", 4237, [44.7, -122.6, -8]),
  state("PA", 13003, [40.5, -77.1, -5]),
  state("RI", 1097, [41.8, -71.5, -5]),
  state("SC", 5118, [34.0, -81.0, -5]),
  state("SD", 887, [44.0, -99.0, -6]),
  state("TN", 6911, [35.8, -86.4, -6]),
  state("TX", 29146, [30.9, -97.4, -6]),
  state("UT", 3272, [40.4, -111.9, -7]),
  state("VT", 643, [44.1, -72.8, -5]),
  state("VA", 8631, [37.8, -77.8, -5]),
  state("WA", 7705, [47.3, -121.6, -8]),
  state("WV", 1794, [38.8, -80.8, -5]),
  state("WI", 5894, [43.7, -89.0, -6]),
  state("WY", 577, [42.7, -107.0, -7]),
];
