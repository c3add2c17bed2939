/** `TimeRanges` for tests, in seconds as at the media element. */
export function timeRanges(...ranges: [startSec: number, endSec: number][]): TimeRanges {
  const at = (index: number) => {
    const range = ranges[index];
    if (range === undefined) throw new RangeError(`no range ${index}`);
    return range;
  };
  return {
    length: ranges.length,
    start: (index) => at(index)[0],
    end: (index) => at(index)[1],
  };
}
