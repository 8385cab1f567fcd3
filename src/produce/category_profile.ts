/**
 * What is bought in each merchant category: how often, when, and for how much.
 *
 * The categories, their shares and the sizes of genuine and fraudulent amounts follow the public card-fraud data set;
 * the rhythm of the day, the trades and the refunds are ours.
 */

/** A log-normal distribution of amounts. */
export interface AmountShape {
  /** Median in dollars. */
  readonly median: number;
  /** Deviation of the logarithm. */
  readonly sigma: number;
}

/** One merchant category. */
export interface CategoryProfile {
  readonly name: string;
  /** Share of the genuine transactions of a day; the shares of all categories add up to 1. */
  readonly share: number;
  /** Weight among fraudulent transactions. */
  readonly fraudWeight: number;
  /** Relative traffic by hour of the local day, 24 numbers. */
  readonly rhythm: readonly number[];
  /** What small and what large purchases cost. */
  readonly amounts: readonly [AmountShape, AmountShape];
  /** Share of the large purchases. */
  readonly largeShare: number;
  readonly fraud: AmountShape;
  /** Share of genuine transactions that are refunds. */
  readonly refundShare: number;
  /** Bought from home: the place of the purchase is that of the card holder. */
  readonly online: boolean;
  readonly merchants: number;
  /** How merchants of this trade call themselves after a family name. */
  readonly trades: readonly string[];
}

const HOURS: Readonly<Record<string, readonly number[]>> = {
  //        0   1   2   3   4   5   6   7   8   9  10  11  12  13  14  15  16  17  18  19  20  21  22  23
  stores: [.1, .1, .1, .1, .1, .2, .3, .6, .9, 1.3, 1.6, 1.8, 1.8, 1.7, 1.7, 1.7, 1.8, 2., 1.9, 1.5, 1.1, .7, .4, .2],
  online: [1., .7, .5, .3, .3, .3, .4, .6, .8, .9, 1., 1.1, 1.2, 1.1, 1., 1., 1., 1.1, 1.2, 1.5, 1.8, 1.9, 1.8, 1.5],
  commute: [.3, .2, .2, .2, .4, .9, 1.5, 1.9, 1.7, 1.1, .9, .9, 1., 1., 1., 1.3, 1.7, 2., 1.8, 1.3, 1., .7, .6, .4],
  meals: [.4, .2, .1, .1, .1, .3, .7, 1., 1., .7, .8, 1.6, 2.3, 2., 1., .7, .8, 1.5, 2.4, 2.5, 1.8, 1.1, .8, .6],
  leisure: [1., .6, .3, .2, .1, .1, .2, .3, .4, .6, .8, 1., 1.1, 1.1, 1.1, 1.2, 1.3, 1.5, 1.9, 2.3, 2.5, 2.2, 1.8, 1.4],
  travel: [
    .4,
    .3,
    .3,
    .3,
    .6,
    1.,
    1.3,
    1.4,
    1.4,
    1.3,
    1.2,
    1.2,
    1.2,
    1.1,
    1.1,
    1.1,
    1.2,
    1.2,
    1.2,
    1.2,
    1.2,
    1.,
    .7,
    .5,
  ],
};

/** The rest of a profile, from the few numbers in which most categories differ. */
function profile(name: string, rhythm: readonly number[], own: Partial<CategoryProfile>): CategoryProfile {
  return {
    name,
    rhythm,
    share: 0,
    fraudWeight: 2,
    amounts: [{ median: 6, sigma: 0.5 }, { median: 60, sigma: 0.75 }],
    largeShare: 0.7,
    fraud: { median: 250, sigma: 0.5 },
    refundShare: 0.004,
    online: name.endsWith("_net"),
    merchants: 60,
    trades: ["Services", "Group"],
    ...own,
  };
}

/** The 14 categories of the public card-fraud data set. */
export const CATEGORY_PROFILES: readonly CategoryProfile[] = [
  profile("gas_transport", HOURS["commute"] ?? [], {
    share: 0.093,
    fraudWeight: 6,
    amounts: [{ median: 5, sigma: 0.5 }, { median: 63, sigma: 0.3 }],
    largeShare: 0.8,
    fraud: { median: 220, sigma: 0.3 },
    refundShare: 0,
    trades: ["Fuel", "Gas & Go", "Transit", "Petroleum"],
  }),
  profile("grocery_pos", HOURS["stores"] ?? [], {
    share: 0.091,
    fraudWeight: 24,
    amounts: [{ median: 8, sigma: 0.6 }, { median: 100, sigma: 0.5 }],
    fraud: { median: 310, sigma: 0.25 },
    trades: ["Market", "Foods", "Grocers", "Supermarket"],
  }),
  profile("grocery_net", HOURS["online"] ?? [], {
    share: 0.043,
    fraudWeight: 2,
    amounts: [{ median: 20, sigma: 0.6 }, { median: 95, sigma: 0.5 }],
    refundShare: 0.012,
    trades: ["Fresh Online", "Pantry", "Groceries Direct"],
  }),
  profile("shopping_pos", HOURS["stores"] ?? [], {
    share: 0.103,
    fraudWeight: 9,
    amounts: [{ median: 7, sigma: 0.6 }, { median: 55, sigma: 0.9 }],
    fraud: { median: 850, sigma: 0.3 },
    refundShare: 0.025,
    merchants: 120,
    trades: ["Outfitters", "Department Store", "Shoes", "Electronics"],
  }),
  profile("shopping_net", HOURS["online"] ?? [], {
    share: 0.076,
    fraudWeight: 23,
    amounts: [{ median: 7, sigma: 0.6 }, { median: 50, sigma: 0.9 }],
    fraud: { median: 960, sigma: 0.3 },
    refundShare: 0.03,
    merchants: 120,
    trades: ["Online", "Direct", "Digital", "Marketplace"],
  }),
  profile("misc_pos", HOURS["stores"] ?? [], {
    share: 0.062,
    fraudWeight: 3,
    fraud: { median: 500, sigma: 0.7 },
    refundShare: 0.012,
    trades: ["Supply", "Florist", "Stationers"],
  }),
  profile("misc_net", HOURS["online"] ?? [], {
    share: 0.047,
    fraudWeight: 11,
    fraud: { median: 760, sigma: 0.3 },
    refundShare: 0.015,
    trades: ["Media", "Cloud", "Subscriptions"],
  }),
  profile("home", HOURS["stores"] ?? [], {
    share: 0.09,
    fraudWeight: 3,
    amounts: [{ median: 9, sigma: 0.5 }, { median: 55, sigma: 0.8 }],
    refundShare: 0.015,
    trades: ["Hardware", "Furniture", "Interiors", "Garden Center"],
  }),
  profile("kids_pets", HOURS["stores"] ?? [], {
    share: 0.079,
    trades: ["Toys", "Pet Supply", "Daycare", "Veterinary"],
  }),
  profile("entertainment", HOURS["leisure"] ?? [], {
    share: 0.065,
    fraudWeight: 3,
    fraud: { median: 500, sigma: 0.4 },
    trades: ["Cinemas", "Bowling", "Theater", "Arcade"],
  }),
  profile("food_dining", HOURS["meals"] ?? [], {
    share: 0.076,
    amounts: [{ median: 11, sigma: 0.5 }, { median: 48, sigma: 0.6 }],
    largeShare: 0.55,
    fraud: { median: 125, sigma: 0.5 },
    refundShare: 0.001,
    merchants: 150,
    trades: ["Grill", "Cafe", "Diner", "Pizzeria", "Bistro"],
  }),
  profile("personal_care", HOURS["stores"] ?? [], { share: 0.078, trades: ["Salon", "Barbers", "Spa", "Drugstore"] }),
  profile("health_fitness", HOURS["stores"] ?? [], {
    share: 0.063,
    trades: ["Pharmacy", "Dental", "Fitness", "Clinic"],
    fraud: { median: 200, sigma: 0.6 },
  }),
  profile("travel", HOURS["travel"] ?? [], {
    share: 0.034,
    amounts: [{ median: 9, sigma: 0.6 }, { median: 210, sigma: 0.9 }],
    largeShare: 0.45,
    fraud: { median: 620, sigma: 0.6 },
    refundShare: 0.02,
    trades: ["Airlines", "Hotels", "Travel", "Car Rental"],
  }),
];
