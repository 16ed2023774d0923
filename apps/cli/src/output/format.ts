import { stringify } from "yaml";

export const outputFormats = ["table", "json", "yaml"] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** A value as machines read it. One JSON document, or one YAML document, with a newline at its end. */
export function serialized(value: unknown, format: "json" | "yaml"): string {
  return format === "json" ? `${JSON.stringify(value, undefined, 2)}\n` : stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** C0 and C1 control characters, line breaks among them, and the marks that reverse the direction of text. */
const unprintable = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Text from a node or a file as one line that cannot steer the terminal. */
export function printable(text: string): string {
  return text.replaceAll(/\s*\r?\n\s*/g, " ").replaceAll(unprintable, "�");
}

const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** Bytes for people: "0 B", "512 B", "4.2 MiB", "120 GiB". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** A span of milliseconds in its largest whole unit: "0s", "45s", "3m", "5h", "12d". */
export function formatAge(millis: number): string {
  const seconds = Math.max(0, Math.floor(millis / 1000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** A point in time as its age; "-" when there is none. */
export function formatSince(iso: string | null, now: number): string {
  return iso === null ? "-" : formatAge(now - Date.parse(iso));
}

/** A point in time that may lie ahead: "in 3m", "2h ago", "-". */
export function formatDue(iso: string | null, now: number): string {
  if (iso === null) return "-";
  const left = Date.parse(iso) - now;
  return left > 0 ? `in ${formatAge(left)}` : `${formatAge(-left)} ago`;
}

/** "rack=1,site=berlin", sorted by key; "-" when there are none. */
export function formatLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.keys(labels)
    .sort()
    .map((key) => (labels[key] === "" ? key : `${key}=${labels[key]}`));
  return pairs.length === 0 ? "-" : pairs.join(",");
}

/** A span of milliseconds down to the second: "45s", "3m 05s", "2h 03m". */
export function shortDuration(millis: number): string {
  const seconds = Math.max(0, Math.floor(millis / 1000));
  const two = (value: number): string => String(value).padStart(2, "0");
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h ${two(Math.floor(seconds / 60) % 60)}m`;
}
