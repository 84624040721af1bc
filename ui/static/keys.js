// The keyboard of the desk: one table, one listener. A key becomes a window event `lk:key` with {name}; whoever is concerned acts.
(() => {
  const { lk } = window;
  const apple = /Mac|iPhone|iPad/.test(navigator.platform);
  const GO_MS = 1000; // how long G waits for its letter
  const FIELD = 'input, textarea, select, [contenteditable="true"]';
  const LAYER = '[role="dialog"][aria-modal="true"], [role="menu"], .q-dialog';

  // [scope, key, name, words, options]; Shift is part of a letter's key as in 'X'; `also` does the same; `place` is the path it needs,
  // `needs` something that not every desk has.
  const TABLE = [
    ['Anywhere', '?', 'sheet', 'Keyboard shortcuts'],
    ['Anywhere', '/', 'search', 'Search all leads'],
    ['Anywhere', 'c', 'new', 'New lead', { needs: 'new' }],
    ['List', 'j', 'next', 'Next', { also: 'ArrowDown', repeats: true }],
    ['List', 'k', 'previous', 'Previous', { also: 'ArrowUp', repeats: true }],
    ['List', 'Enter', 'open', 'Open'],
    ['List', 'x', 'select', 'Select'],
    ['List', 'X', 'extend', 'Select up to here'],
    ['List', 'f', 'filter', 'Filter'],
    ['List', 'a', 'assign', 'Assign to'],
    ['List', 'i', 'assign-me', 'Assign to me'],
    ['List', 's', 'snooze', 'Snooze'],
    ['List', 'e', 'close', 'Done or close'],
    ['List', 'z', 'undo', 'Undo'],
    ['Lead', 'r', 'reply', 'Reply'],
    ['Lead', 'n', 'note', 'Note'],
    ['Lead', 'u', 'use-draft', 'Use the draft', { needs: 'use-draft' }],
    ['Lead', 't', 'follow-up', 'Add a follow-up', { place: '/follow-ups' }],
    ['Lead', 'p', 'call', 'Call'],
    ['Lead', 'm', 'meeting', 'Log a meeting'],
    ['Lead', 'R', 'retry', 'Retry failed deliveries'],
    ['Lead', '[', 'prev-lead', 'Previous lead', { repeats: true }],
    ['Lead', ']', 'next-lead', 'Next lead', { repeats: true }],
    ['Lead', 'Escape', 'back', 'Back to the list'],
  ].map(([scope, key, name, words, more]) => ({ scope, key, name, words, ...more }));

  let places = []; // {path, name, key}
  let has = new Set();
  let on = true;
  let started = false;
  let going = 0; // until when a letter means a place

  const there = (row) => (!row.place || places.some((each) => each.path === row.place)) && (!row.needs || has.has(row.needs));
  const fire = (name, more = {}) => window.dispatchEvent(new CustomEvent('lk:key', { detail: { name, ...more } }));
  const layered = () => [...document.querySelectorAll(LAYER)].some((el) => el.getClientRects().length);

  // The letter as the table has it: of the key's place on keyboards that write another script, whatever Caps Lock says.
  const letter = (event) => {
    if (event.key.length > 1) return event.key;
    const plain = /^[\x21-\x7e]$/.test(event.key) || !/^Key[A-Z]$/.test(event.code) ? event.key : event.code[3];
    return /[a-z]/i.test(plain) ? (event.shiftKey ? plain.toUpperCase() : plain.toLowerCase()) : plain;
  };

  function withModifier(event) {
    if (!(apple ? event.metaKey && !event.ctrlKey : event.ctrlKey) || event.altKey || event.shiftKey || letter(event) !== 'k') return;
    event.preventDefault(); // browsers have a use of their own for it
    if (!layered() || document.querySelector('.lk-palette')) fire('palette');
  }

  function escape(event) {
    if (!event.target.closest?.(FIELD)) return fire('back');
    event.target.blur(); // a field is left before the lead is
  }

  function went(key) {
    const place = going > Date.now() && places.find((each) => each.key.toLowerCase() === key.toLowerCase());
    going = 0;
    if (!place) return false;
    fire('go', { path: place.path });
    lk.go(place.path);
    return true;
  }

  function plain(event) {
    const key = letter(event);
    const arrow = key.startsWith('Arrow');
    if (arrow && event.target !== document.body && !event.target.closest?.('.lk-list, [data-keys="list"]')) return; // it scrolls there
    if (going && !['Shift', 'CapsLock'].includes(key)) {
      if (!event.repeat && went(key)) return event.preventDefault();
    }
    if (key === 'g' && !event.repeat) {
      going = Date.now() + GO_MS;
      return event.preventDefault();
    }
    const row = TABLE.find((each) => (each.key === key || each.also === key) && there(each));
    if (!row || (event.repeat && !row.repeats)) return;
    if (key !== 'Enter') event.preventDefault(); // or the letter would be typed where the focus goes
    fire(row.name);
  }

  document.addEventListener('keydown', (event) => {
    if (!started || event.isComposing || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return withModifier(event);
    if (layered()) return;
    if (event.key === 'Escape') return escape(event);
    if (!on || event.target.closest?.(FIELD)) return;
    plain(event);
  });

  lk.keys = {
    apple,
    fire,
    start(options) {
      ({ places } = options);
      has = new Set(options.has);
      started = true;
    },
    get on() {
      return on;
    },
    turn(to) {
      on = to;
    },
    // How a key is written: ⌘ K on Apple systems, Ctrl K elsewhere.
    shown(key) {
      const signs = { mod: apple ? '⌘' : 'Ctrl', shift: '⇧', Enter: '↵', ArrowUp: '↑', ArrowDown: '↓', Escape: 'Esc', Backspace: '⌫' };
      return signs[key] || (key.length === 1 ? key.toUpperCase() : key);
    },
    of(name) {
      const row = TABLE.find((each) => each.name === name);
      return row && there(row) ? lk.keys.parts(row.key) : [];
    },
    parts: (key) => (/^[A-Z]$/.test(key) ? ['shift', key] : [key]),
    // The whole map for people: [{title, rows: [{words, ways: [[key, …], …]}]}]
    sheet() {
      const rows = (scope) => TABLE.filter((row) => row.scope === scope && there(row)).map((row) => ({ words: row.words, ways: [lk.keys.parts(row.key), ...(row.also ? [[row.also]] : [])] }));
      return [
        { title: 'Anywhere', rows: [{ words: 'Search or jump to', ways: [['mod', 'K']], always: true }, ...rows('Anywhere'), { words: 'Switch theme', ways: [['mod', 'shift', 'L']], always: true }] },
        { title: 'Go to', rows: places.filter((each) => each.key).map((each) => ({ words: each.name, ways: [['G', each.key]] })) },
        { title: 'List', rows: rows('List') },
        { title: 'Lead', rows: [...rows('Lead').slice(0, -1), { words: 'Send', ways: [['mod', 'Enter']], always: true }, ...rows('Lead').slice(-1).map((row) => ({ ...row, always: true }))] },
      ];
    },
    // Keeps Tab inside a dialog.
    trap(event, root) {
      const all = [...root.querySelectorAll('a[href], button:not([disabled]), input, [tabindex="0"]')].filter((el) => el.getClientRects().length);
      const last = all.at(-1);
      const [from, to] = event.shiftKey ? [all[0], last] : [last, all[0]];
      if (document.activeElement !== from && root.contains(document.activeElement)) return;
      event.preventDefault();
      to?.focus();
    },
  };
})();
