// The view in the URL: a link that brings the same picture again.

export function read_hash() {
  const words = new URLSearchParams(location.hash.slice(1));
  const number = (key) => (words.has(key) && Number.isFinite(Number(words.get(key))) ? Number(words.get(key)) : null);
  const pair = (words.get('y') ?? '').split(':').map(Number);
  return {
    ring: words.get('ring'),
    beside: words.getAll('with'),
    channels: words.has('ch') ? words.get('ch').split(',').filter(Boolean).map(Number).filter(Number.isInteger) : null,
    span: number('span'),
    end: number('end'),
    y: pair.length === 2 && pair.every(Number.isFinite) && pair[0] < pair[1] ? pair : null,
    lanes: words.get('lanes') === '1',
    spectrum: words.get('spectrum') === '1',
    spectrogram: words.get('spectrogram') === '1',
    of: number('of') ?? 0,
  };
}

export function write_hash(view) {
  const words = new URLSearchParams();
  words.set('ring', view.ring);
  for (const each of view.beside) words.append('with', each);
  if (view.channels) words.set('ch', view.channels.join(','));
  if (view.span !== null) words.set('span', String(Math.round(view.span)));
  if (view.end !== null) words.set('end', String(Math.round(view.end)));
  if (view.y) words.set('y', view.y.join(':'));
  if (view.lanes) words.set('lanes', '1');
  if (view.spectrum) words.set('spectrum', '1');
  if (view.spectrogram) words.set('spectrogram', '1');
  if (view.of) words.set('of', String(view.of));
  history.replaceState(null, '', `#${words}`);
}
