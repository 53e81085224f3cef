// The page: the list of rings, or the view of one, as the URL says.
import './page.css';
import { read_hash } from './hash.js';
import { Link } from './link.js';
import { ListView } from './list.js';
import { RingView } from './view.js';

const theme_key = 'ringbuf-theme';
function set_theme(theme) {
  document.documentElement.dataset.theme = theme;
}
set_theme(localStorage.getItem(theme_key) ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'));

const words = document.getElementById('link');
const link = new Link((state) => {
  words.dataset.state = state;
  words.textContent = state === 'disconnected' ? 'no connection, trying again' : state;
});

// What tests and the browser's console look at.
const page = { link, view: null };
globalThis.ringbuf = page;

function show() {
  page.view?.stop();
  const wish = read_hash();
  const main = document.getElementById('main');
  document.title = wish.ring === null ? 'ringbuf' : `${wish.ring} - ringbuf`;
  document.getElementById('where').textContent = wish.ring ?? '';
  page.view = wish.ring === null ? new ListView(link, main) : new RingView(link, main, wish);
}

document.getElementById('home').addEventListener('click', (event) => {
  event.preventDefault();
  history.pushState(null, '', location.pathname);
  show();
});
document.getElementById('theme').addEventListener('click', () => {
  const theme = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
  localStorage.setItem(theme_key, theme);
  set_theme(theme);
  page.view?.restyle?.();
});
addEventListener('hashchange', show);
addEventListener('popstate', () => {
  if (location.hash === '') show();
});
show();
