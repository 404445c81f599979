/** Locals of a driver, parameters first. */
export const driverLocal = {
  window: 0,
  from: 1,
  to: 2,
  slice: 3,
  depth: 4,
  look: 5,
  /** Fuel that finished rows have used. */
  used: 6,
  /** Where every row uses the same, the row that was the first: there nothing is summed up. */
  first: 6,
  self: 7,
  /** There, how many rows may run, before the first one does. */
  rows: 7,
  left: 8,
  /** Index of the row's entity; only where that is needed. */
  at: 9,
};
