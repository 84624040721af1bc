// What every page of the desk shares in the browser: the server's clock, words for times, running deadlines, keys.
(() => {
  const base = new URL('.', document.currentScript.src).pathname;
  const AMBER = 30 * 60;
  const WEEK = 6 * 86400000;
  let offset = 0;

  const pad = (n) => String(n).padStart(2, '0');
  const locale = 'en-GB'; // day before month, 24 hours: one way to write a date on every page
  const weekday = new Intl.DateTimeFormat(locale, { weekday: 'short' });
  const longDay = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' });
  const dayMonth = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
  const dayMonthYear = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });
  const midnight = (ms) => new Date(ms).setHours(0, 0, 0, 0);

  const lk = {
    icons: `${base}icons.svg`,
    locale,

    // The server's time in ms when the page was made, or now: from then on its clock counts, not the visitor's.
    sync(serverMs, fresh) {
      const page = performance.getEntriesByType('navigation')[0];
      const arrived = fresh || !page ? Date.now() : performance.timeOrigin + page.responseStart;
      offset = serverMs - arrived;
      lk.tick();
    },
    now: () => Date.now() + offset,

    // 7:30, 17:00:08, −3:43
    clock(seconds) {
      const late = seconds < 0;
      const s = Math.abs(late ? Math.floor(seconds) : Math.ceil(seconds));
      const [h, m] = [Math.floor(s / 3600), Math.floor((s % 3600) / 60)];
      const body = h ? `${h}:${pad(m)}:${pad(s % 60)}` : `${m}:${pad(s % 60)}`;
      return late ? `\u2212${body}` : body;
    },
    span(seconds) {
      const [d, h, m] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600), Math.round(seconds / 60)];
      if (seconds >= 172800) return `${d} days`;
      if (seconds >= 5400) return `${h} h`;
      return seconds >= 60 ? `${m} min` : `${Math.max(0, Math.round(seconds))} s`;
    },
    tone: (seconds) => (seconds < 0 ? 'red' : seconds < AMBER ? 'amber' : 'green'),

    hm(ms) {
      const t = new Date(ms);
      return `${pad(t.getHours())}:${pad(t.getMinutes())}`;
    },
    hms(ms) {
      return `${lk.hm(ms)}:${pad(new Date(ms).getSeconds())}`;
    },
    // 14:02 today, Tue 09:00 this week, 2 Mar after
    when(ms) {
      const now = lk.now();
      if (midnight(ms) === midnight(now)) return lk.hm(ms);
      if (Math.abs(midnight(now) - midnight(ms)) <= WEEK) return `${weekday.format(ms)} ${lk.hm(ms)}`;
      return lk.date(ms);
    },
    date(ms) {
      return (new Date(ms).getFullYear() === new Date(lk.now()).getFullYear() ? dayMonth : dayMonthYear).format(ms);
    },
    day(ms) {
      const days = Math.round((midnight(lk.now()) - midnight(ms)) / 86400000);
      return days === 0 ? 'Today' : days === 1 ? 'Yesterday' : longDay.format(ms);
    },
    full: (ms) => new Date(ms).toLocaleString(locale, { dateStyle: 'full', timeStyle: 'medium', hourCycle: 'h23' }),

    // When a lead can be put off to, from the visitor's own clock: [name, Date]; what has passed already is left out.
    later() {
      const now = new Date(lk.now());
      const at = (days, hour) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour);
      const monday = ((8 - now.getDay()) % 7) || 7;
      const times = [['1 hour', new Date(now.getTime() + 3600000)], ['This evening', at(0, 18)], ['Tomorrow', at(1, 9)], ['Monday', at(monday, 9)]];
      return times.filter(([name, when]) => when > now && (name !== 'Monday' || monday > 1));
    },

    // To another place of the desk, as a click on a link to it would.
    go(path) {
      const link = document.createElement('a');
      link.href = path;
      link.hidden = true;
      document.body.append(link);
      link.click();
      link.remove();
    },

    // Every element with data-due (epoch seconds) shows the time left; the ring shows the share of data-span.
    tick() {
      const now = lk.now() / 1000;
      for (const el of document.querySelectorAll('[data-due]')) {
        const left = el.dataset.due - now;
        const text = lk.clock(left);
        const out = el.querySelector('[data-clock]');
        if (out && out.textContent !== text) out.textContent = text;
        const tone = lk.tone(left);
        if (el.dataset.tone !== tone) el.dataset.tone = tone;
        const share = (left < 0 ? 1 : Math.min(1, left / Math.max(1, el.dataset.span))).toFixed(3);
        if (el.style.getPropertyValue('--p') !== share) el.style.setProperty('--p', share);
      }
    },

    // True when a plain key belongs to a field, a dialog or the browser.
    busy(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
      const el = event.target;
      return !!(el.closest && el.closest('input, textarea, select, [contenteditable="true"], [role="dialog"]')) || !!document.querySelector('.q-dialog');
    },
  };

  setInterval(lk.tick, 1000);
  // A clock that is drawn or moved to another row shows its time in the same frame.
  new MutationObserver(lk.tick).observe(document.documentElement, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-due'] });
  document.addEventListener('visibilitychange', () => document.hidden || lk.tick());
  document.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() === 'l' && event.shiftKey && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      window.lkSwitchTheme();
    }
  });
  window.lk = lk;
})();
