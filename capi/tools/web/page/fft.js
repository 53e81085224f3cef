// A fast Fourier transform of a power of two, in place: Cooley and Tukey's, with the cosines made once for each size.

const tables = new Map();

function table(size) {
  if (!tables.has(size)) {
    const [cosines, sines] = [new Float64Array(size / 2), new Float64Array(size / 2)];
    for (let i = 0; i < size / 2; i++) {
      cosines[i] = Math.cos((2 * Math.PI * i) / size);
      sines[i] = Math.sin((2 * Math.PI * i) / size);
    }
    tables.set(size, [cosines, sines]);
  }
  return tables.get(size);
}

export function fft(real, imaginary) {
  const size = real.length;
  for (let i = 1, j = 0; i < size; i++) {
    let bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [real[i], real[j]] = [real[j], real[i]];
      [imaginary[i], imaginary[j]] = [imaginary[j], imaginary[i]];
    }
  }
  const [cosines, sines] = table(size);
  for (let length = 2; length <= size; length <<= 1) {
    const step = size / length;
    for (let begin = 0; begin < size; begin += length) {
      for (let i = 0; i < length / 2; i++) {
        const a = begin + i;
        const b = a + length / 2;
        const [c, s] = [cosines[i * step], sines[i * step]];
        const re = real[b] * c + imaginary[b] * s;
        const im = imaginary[b] * c - real[b] * s;
        real[b] = real[a] - re;
        imaginary[b] = imaginary[a] - im;
        real[a] += re;
        imaginary[a] += im;
      }
    }
  }
}

// The power of each frequency, from 0 to half the rate, of samples without their mean under a Hann window: a sine of amplitude 1
// has the power 1 / 2 in its bin. Null if a sample is missing.
export function power(samples, from, size) {
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  let mean = 0;
  for (let i = 0; i < size; i++) mean += samples[from + i];
  mean /= size;
  if (!Number.isFinite(mean)) return null;
  for (let i = 0; i < size; i++) {
    real[i] = (samples[from + i] - mean) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));
  }
  fft(real, imaginary);
  const result = new Float64Array(size / 2);
  for (let i = 0; i < size / 2; i++) result[i] = (8 * (real[i] ** 2 + imaginary[i] ** 2)) / size ** 2;
  return result;
}

// The frequency of the highest line, in lines, with a parabola through its neighbours.
export function highest(spectrum) {
  let at = 1;
  for (let i = 2; i < spectrum.length - 1; i++) if (spectrum[i] > spectrum[at]) at = i;
  if (!(spectrum[at] > 0)) return null;
  const [a, b, c] = [at - 1, at, at + 1].map((i) => Math.log(spectrum[i] + 1e-300));
  const bend = a - 2 * b + c;
  return at + (bend < 0 ? (0.5 * (a - c)) / bend : 0);
}
