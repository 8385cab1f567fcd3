/** Where the columns of a block of rows lie. Row `i` of a column of n bytes a value is at `column + i × n`. */

/** Rows of a block. */
export const ROWS: i32 = 1024;

/** What is to be done with a row before it can be counted: nothing, admit its names, or ask the oracle for all of it. */
export const READY: i32 = 0;
export const UNNAMED: i32 = 1;
export const ODD: i32 = 2;

export const statuses = memory.data(ROWS, 16);
/** Offset of the record within its batch. */
export const offsetDeltas = memory.data(4 * ROWS, 16);
/** −1: none. */
export const kafkaTimestamps = memory.data(8 * ROWS, 16);
export const valueStarts = memory.data(4 * ROWS, 16);
/** −1: the value is null. */
export const valueEnds = memory.data(4 * ROWS, 16);

export const eventTimes = memory.data(8 * ROWS, 16);
export const amounts = memory.data(8 * ROWS, 16);
export const latitudes = memory.data(8 * ROWS, 16);
export const longitudes = memory.data(8 * ROWS, 16);
export const customerHashes = memory.data(4 * ROWS, 16);
export const merchantHashes = memory.data(4 * ROWS, 16);
export const currencies = memory.data(4 * ROWS, 16);
export const categoryIds = memory.data(2 * ROWS, 16);
export const regionIds = memory.data(2 * ROWS, 16);
export const frauds = memory.data(ROWS, 16);

/**
 * Where the bytes of a name stand that has no id yet: of the category in value 2i, of the region in value 2i + 1. A region
 * of no bytes is to be found by coordinates.
 */
export const nameStarts = memory.data(8 * ROWS, 16);
export const nameEnds = memory.data(8 * ROWS, 16);
/** Where the merchant's text stands when it has escapes; its end is 0 when it has none. */
export const merchantStarts = memory.data(4 * ROWS, 16);
export const merchantEnds = memory.data(4 * ROWS, 16);

/** The first byte that is free for tables and for the records themselves. */
export const heapStart = __heap_base;
