// Elements and numbers. Text from rings goes into the page as text nodes alone: nothing in it is ever markup.

export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (key in made && key !== 'list') made[key] = value;
    else made.setAttribute(key, value);
  }
  for (const child of children) {
    if (child !== null && child !== undefined) made.append(child);
  }
  return made;
}

export const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
export const curveColor = (number) => color(`--curve${number % 8}`);

const prefixes = [[1e9, ' G'], [1e6, ' M'], [1e3, ' k']];

// "48.0 k"
export function count(number) {
  for (const [size, letter] of prefixes) {
    if (Math.abs(number) >= size) return (number / size).toPrecision(3) + letter;
  }
  return String(Math.round(number * 100) / 100);
}

export function bytes(number) {
  return `${count(number)}B`.replace(/(\d)B$/, '$1 B');
}

export function duration(seconds) {
  if (!Number.isFinite(seconds)) return '-';
  if (seconds < 1e-3) return `${(seconds * 1e6).toPrecision(3)} us`;
  if (seconds < 1) return `${(seconds * 1e3).toPrecision(3)} ms`;
  if (seconds < 120) return `${seconds.toPrecision(3)} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

// A value with as many digits as are worth reading.
export function value(number) {
  if (number === null || number === undefined || Number.isNaN(number)) return '-';
  return Number(number.toPrecision(6)).toString();
}

const two = (number) => String(number).padStart(2, '0');

// Wall-clock time of this browser's zone; with a fraction of a second as fine as `step_ms`.
export function clock(ms, step_ms = 1) {
  const date = new Date(ms);
  let text = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  if (step_ms < 1000) {
    const digits = Math.min(6, Math.max(1, Math.ceil(-Math.log10(step_ms / 1000) - 1e-9)));
    const fraction = (((ms % 1000) + 1000) % 1000) / 1000;
    text += Math.min(fraction, 1 - 10 ** -digits).toFixed(digits).slice(1);
  }
  return text;
}

export const state_names = ['unknown', 'live', 'closed', 'superseded', 'dead'];
