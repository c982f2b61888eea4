/** A length of time in its two largest units, as a column has room for: `45s`, `12m`, `3h20m`, `4d3h`; `-` when it is not known. */
export function ageText(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '-';
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return `${Math.max(0, Math.floor(seconds))}s`;
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours}h${rest(minutes % 60, 'm')}` : `${Math.floor(hours / 24)}d${rest(hours % 24, 'h')}`;
}

function rest(count: number, unit: string): string {
  return count === 0 ? '' : `${count}${unit}`;
}
