/** The limits that alerts and colours share. */
export const THRESHOLDS = {
  /** Share of fraud in a category over ten minutes; the generator's default is 0.006. */
  fraudRate: 0.05,
  /** Below so many transactions in the ten minutes a share says nothing. */
  fraudTransactions: 50,
  /** The last ten minutes against the hour before. */
  fallenTo: 0.5,
  /** Below so many transactions a minute in the hour before a fall says nothing. */
  fallenFromPerMinute: 10,
  /** Scores are tail probabilities in [0, 1]. */
  anomalyScore: 0.999,
  /** Records of a partition not yet read. */
  lagRecords: 10_000,
  /** Seconds that a watermark may be behind the clock before it is shown as a problem: lateness and idle, with room. */
  watermarkDelaySeconds: 120,
} as const;
