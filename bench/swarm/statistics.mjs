/** The value below which `share` of the sorted values lie, interpolated; null of none. */
export function quantile(values, share) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  return below + (above - below) * (at - Math.floor(at));
}

export function sumOf(items, value) {
  return items.reduce((sum, item) => sum + value(item), 0);
}

export function mean(values) {
  return values.length === 0 ? null : sumOf(values, (value) => value) / values.length;
}
