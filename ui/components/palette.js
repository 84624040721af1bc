// The command palette: what can be done and where one can go answers here at once; leads are searched on the server.
const icon = (name) => `<svg class="lk-i" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
const WAIT_MS = 120; // between the last key and the search
const RECENT = 'lk.recent.';
const SOON = { '1 hour': 'Snooze for 1 hour', Tomorrow: 'Snooze until tomorrow, 09:00' };

// Each word of what was typed must begin a word of the name (2) or stand somewhere in it or in the other names (1).
function rank(typed, name, other = '') {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const [low, starts] = [name.toLowerCase(), name.toLowerCase().split(/[\s,]+/)];
  if (!words.length) return 1;
  if (low.startsWith(words.join(' '))) return 3;
  if (words.every((word) => starts.some((each) => each.startsWith(word)))) return 2;
  return words.every((word) => (word.length > 1 && low.includes(word)) || other.split(' ').some((each) => each.startsWith(word))) ? 1 : 0;
}

// The name in pieces, the found ones marked, as the server does it for leads.
function pieces(typed, name) {
  const out = [];
  const found = typed.toLowerCase().split(/\s+/).filter(Boolean).map((word) => [name.toLowerCase().search(new RegExp(`(?<![^\\s])${word.replace(/[^\w]/g, '\\$&')}`)), word.length]);
  for (const each of found) if (each[0] < 0) each[0] = name.toLowerCase().indexOf(typed.toLowerCase().trim());
  let at = 0;
  for (const [start, length] of found.filter((each) => each[0] >= 0).sort((a, b) => a[0] - b[0])) {
    if (start < at) continue;
    out.push([name.slice(at, start), false], [name.slice(start, start + length), true]);
    at = start + length;
  }
  return [...out, [name.slice(at), false]].filter(([text]) => text);
}

export default {
  template: `
    <div v-if="shown" class="lk-veil lk-over" @mousedown.self="close">
      <div ref="box" class="lk-dialog lk-palette" role="dialog" aria-modal="true" aria-label="Search or jump to" @keydown="key">
        <div class="lk-pal-ask">
          ${icon('search')}
          <button v-if="lead" type="button" class="lk-chip lk-scope" @click="widen"><span class="lk-cut">{{ lead.name }}</span><svg class="lk-i lk-i12" aria-hidden="true"><use :href="icons + '#x'"/></svg><span class="lk-sr">, leave this lead</span></button>
          <input ref="input" v-model="typed" type="text" role="combobox" aria-expanded="true" aria-controls="lk-palette-list" aria-autocomplete="list" aria-label="Search or jump to"
            :aria-activedescendant="current ? 'lk-palette-' + at : null" :placeholder="lead ? 'Act on this lead' : 'Search leads and messages, or jump to'" maxlength="200" autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="go" />
          <button type="button" class="lk-btn lk-quiet lk-square lk-shut" @click="close">${icon('x')}<span class="lk-sr">Close</span></button>
        </div>
        <div id="lk-palette-list" ref="list" class="lk-hits" role="listbox" aria-label="Results">
          <div v-for="group in groups" :key="group.title" role="group" :aria-labelledby="'lk-palette-' + group.key">
            <div :id="'lk-palette-' + group.key" class="lk-hits-head">{{ group.title }}</div>
            <div v-for="item in group.items" :key="item.key" :id="'lk-palette-' + item.index" class="lk-hit" role="option" :aria-selected="item.index === at ? 'true' : 'false'" @mousemove="at = item.index" @click="run(item)">
              <svg class="lk-i" aria-hidden="true"><use :href="icons + '#' + item.icon"/></svg>
              <span class="lk-grow lk-cut"><span class="lk-hit-name"><component :is="found ? 'b' : 'span'" v-for="([text, found], n) in item.name" :key="n">{{ text }}</component></span><span v-if="item.hint" class="lk-hit-hint"> · <component :is="found ? 'b' : 'span'" v-for="([text, found], n) in item.hint" :key="n">{{ text }}</component></span></span>
              <span v-if="item.due" class="lk-sla" :data-due="item.due" :data-span="item.span"><span class="lk-ring" aria-hidden="true"></span><span data-clock></span></span>
              <span v-else-if="item.state" class="lk-hit-state">{{ item.state }}</span>
              <span v-if="item.keys && item.keys.length" class="lk-keys" aria-hidden="true"><kbd v-for="each in item.keys" :key="each" class="lk-key">{{ sign(each) }}</kbd></span>
            </div>
          </div>
          <div v-if="!count && !searching" class="lk-hits-none">{{ failed ? 'The search did not answer. Try again in a moment.' : 'Nothing was found. Try fewer letters, a phone number or an e-mail address.' }}</div>
          <div v-if="searching && !count" class="lk-hits-none">Searching</div>
        </div>
        <footer class="lk-palette-foot">
          <span><kbd class="lk-key">↑</kbd><kbd class="lk-key">↓</kbd> move</span><span><kbd class="lk-key">↵</kbd> run</span><span v-if="lead"><kbd class="lk-key">⌫</kbd> leave lead</span>
          <button type="button" class="lk-btn lk-quiet lk-small" @click="sheet"><kbd class="lk-key" aria-hidden="true">?</kbd> all shortcuts</button>
        </footer>
        <div class="lk-sr" role="status" aria-live="polite">{{ said }}</div>
      </div>
    </div>`,

  props: { places: Array, has: Array, may: Object, user: String, icons: String },
  emits: ['search'],

  data() {
    return { shown: false, opened: 0, typed: '', lead: null, at: 0, hits: [], searching: false, failed: false, eager: false, recent: [], said: '' };
  },

  computed: {
    // Theme, keys and the time of day are read anew each time the palette opens: nothing else tells of them.
    actions() {
      if (!this.opened || !this.lead) return [];
      const { write, replay } = this.may;
      const fire = (name, more) => () => window.lk.keys.fire(name, more);
      const later = new Map(window.lk.later());
      return [
        write && { words: 'Assign to…', icon: 'user-plus', key: 'assign', do: fire('assign') },
        write && { words: 'Assign to me', icon: 'user-plus', key: 'assign-me', other: 'take mine', do: fire('assign-me') },
        ...Object.entries(SOON).map(([name, words]) => write && later.has(name) && { words, icon: 'alarm-clock', key: 'snooze', id: name, do: fire('snooze', { value: later.get(name).toISOString() }) }),
        write && { words: 'Reply', icon: 'reply', key: 'reply', other: 'answer write message', do: fire('reply') },
        write && { words: 'Add a note', icon: 'sticky-note', key: 'note', do: fire('note') },
        write && { words: 'Add a follow-up', icon: 'list-plus', key: 'follow-up', other: 'task remind call back', do: fire('follow-up') },
        write && { words: 'Log a meeting', icon: 'users', key: 'meeting', other: 'met in person visit', do: fire('meeting') },
        write && { words: 'Close', icon: 'check', key: 'close', other: 'done', do: fire('close') },
        write && { words: 'Mark as unread', icon: 'mail', key: 'unread', do: fire('unread') },
        replay && this.lead.failed && { words: 'Retry failed deliveries', icon: 'rotate-ccw', key: 'retry', other: 'replay send again', do: fire('retry') },
      ].filter(Boolean);
    },
    goes() {
      return this.places.map((each) => ({ words: each.name, icon: each.icon, id: each.path, keys: each.key ? ['G', each.key] : [], other: 'go open', do: () => window.lk.go(each.path) }));
    },
    commands() {
      if (!this.opened) return [];
      const dark = document.documentElement.classList.contains('lk-dark');
      const { keys } = window.lk;
      return [
        this.has.includes('new') && { words: 'New lead', icon: 'plus', key: 'new', other: 'add create', do: () => keys.fire('new') },
        { words: `Switch to ${dark ? 'light' : 'dark'} theme`, icon: dark ? 'sun' : 'moon', id: 'theme', keys: ['mod', 'shift', 'L'], other: 'mode colour color', do: () => window.lkSwitchTheme() },
        { words: 'Keyboard shortcuts', icon: 'keyboard', key: 'sheet', other: 'help keys', do: () => keys.fire('sheet') },
        { words: `Turn single-key shortcuts ${keys.on ? 'off' : 'on'}`, icon: 'keyboard', id: 'keys', other: 'disable enable', do: () => keys.fire('turn', { value: !keys.on }) },
        { words: 'Sign out', icon: 'log-out', id: 'out', other: 'log logout leave', do: () => window.dispatchEvent(new CustomEvent('lk:leave')) },
      ].filter(Boolean);
    },
    groups() {
      const typed = this.typed.trim();
      const fit = (all) => {
        const ranked = all.map((item) => ({ ...item, rank: rank(typed, item.words, item.other) })).filter((item) => item.rank);
        return ranked.sort((a, b) => b.rank - a.rank).map((item) => ({ ...item, key: item.id || item.key, name: pieces(typed, item.words), keys: item.keys || window.lk.keys.of(item.key) }));
      };
      const leads = typed ? this.hits.map(this.hit) : this.recent.map(({ id, name }) => this.hit({ id, name: [[name, false]], plain: name, exact: false }));
      if (typed && this.hits.length) leads.push({ key: 'all', icon: 'list-filter', name: [['Show all in the inbox', false]], do: () => window.lk.go('/?q=' + encodeURIComponent(typed)) });
      const all = [
        { key: 'lead', title: 'This lead', items: fit(this.actions) },
        { key: 'leads', title: typed ? 'Leads' : 'Recent leads', items: leads, exact: this.hits.some((hit) => hit.exact) },
        { key: 'go', title: 'Go to', items: fit(this.goes) },
        { key: 'commands', title: 'Commands', items: fit(this.commands) },
      ].filter((group) => group.items.length);
      // A command whose words begin with what was typed is what was meant; otherwise leads come before what merely holds the letters.
      const meant = (group) => (typed.length > 1 && (group.exact || group.items[0].rank >= 2) ? 0 : 1);
      all.sort((a, b) => meant(a) - meant(b));
      let index = 0;
      for (const group of all) for (const item of group.items) item.index = index++;
      return all;
    },
    items() {
      return this.groups.flatMap((group) => group.items);
    },
    count() {
      return this.items.length;
    },
    current() {
      return this.items[this.at];
    },
  },

  watch: {
    typed() {
      this.at = 0;
      this.eager = false;
      this.later();
    },
    at() {
      this.$nextTick(() => this.$refs.list?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }));
    },
    count(count) {
      this.said = this.typed && !this.searching ? `${count} results` : '';
    },
  },

  created() {
    this.serial = 0;
    this.sign = (key) => window.lk.keys.shown(key);
  },
  mounted() {
    window.addEventListener('lk:key', this.heard);
    window.addEventListener('lk:signout', this.forget);
    document.addEventListener('click', this.visited, true);
  },
  unmounted() {
    window.removeEventListener('lk:key', this.heard);
    window.removeEventListener('lk:signout', this.forget);
    document.removeEventListener('click', this.visited, true);
    clearTimeout(this.timer);
  },

  methods: {
    // called by the server
    found(serial, hits) {
      if (serial !== this.serial) return; // an answer to what was typed before
      clearTimeout(this.patience);
      const kept = this.at && this.current?.key;
      [this.hits, this.searching, this.failed] = [hits || [], false, hits === null];
      this.at = kept ? Math.max(0, this.items.findIndex((item) => item.key === kept)) : 0;
      if (this.eager && this.current) this.run(this.current);
      this.eager = false;
    },

    heard(event) {
      const { name } = event.detail;
      if (name !== 'palette' && name !== 'search') return;
      if (this.shown) return this.close();
      this.opener = document.activeElement;
      this.lead = name === 'palette' ? this.here() : null;
      this.recent = this.remembered().filter((each) => each.id !== this.lead?.id);
      Object.assign(this, { typed: '', at: 0, hits: [], searching: false, failed: false, said: '', shown: true, opened: this.opened + 1 });
      this.$nextTick(() => this.$refs.input.focus());
    },
    close() {
      this.shown = false;
      this.serial++;
      clearTimeout(this.timer);
      clearTimeout(this.patience);
      if (this.opener?.isConnected) this.opener.focus({ preventScroll: true });
    },
    // The lead that is open, if there is one.
    here() {
      const id = location.pathname.match(/^\/leads\/([0-9a-f-]{36})$/)?.[1];
      const name = document.querySelector('.lk-view h1, .lk-head h1')?.textContent.trim();
      return id && name ? { id, name, failed: !!document.querySelector('.lk-view [data-m="dead"], .lk-kept [data-m="dead"]') } : null;
    },
    widen() {
      this.lead = null;
      this.at = 0;
      this.$refs.input.focus();
    },
    later() {
      clearTimeout(this.timer);
      clearTimeout(this.patience);
      this.serial++;
      const text = this.typed.trim();
      this.searching = text.length > 1 || /[^\x00-\x7f]/.test(text);
      if (!this.searching) this.hits = [];
      else this.timer = setTimeout(() => this.ask(text), WAIT_MS);
    },
    ask(text) {
      this.$emit('search', { serial: this.serial, text });
      const { serial } = this;
      this.patience = setTimeout(() => this.found(serial, null), 8000);
    },
    hit(hit) {
      return { key: hit.id, icon: 'circle-dot', name: hit.name, hint: hit.hint, due: hit.due, span: hit.span, state: hit.state, do: () => this.open(hit) };
    },
    open(hit) {
      this.remember({ id: hit.id, name: hit.plain });
      window.lk.go('/leads/' + hit.id);
    },
    run(item) {
      this.close();
      this.$nextTick(item.do);
    },
    sheet() {
      this.close();
      window.lk.keys.fire('sheet');
    },
    key(event) {
      const { key } = event;
      if (event.isComposing) return;
      if (key === 'Escape') this.close();
      else if (key === 'ArrowDown' || key === 'ArrowUp') this.at = (this.at + (key === 'ArrowDown' ? 1 : -1) + this.count) % Math.max(1, this.count);
      else if (key === 'Enter' && event.target === this.$refs.input) this.enter();
      else if (key === 'Backspace' && !this.typed && this.lead && event.target === this.$refs.input) this.widen();
      else if (key === 'Tab') return window.lk.keys.trap(event, this.$refs.box);
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    // What was typed faster than the server answers still means its first lead, unless a command is plainly meant.
    enter() {
      if (this.searching && !this.at && !(this.current?.rank >= 2)) this.eager = true;
      else if (this.current) this.run(this.current);
    },

    // the last leads, in this browser, for this person, until the sign-out
    remembered() {
      try {
        return JSON.parse(localStorage.getItem(RECENT + this.user)) || [];
      } catch {
        return [];
      }
    },
    remember(lead) {
      try {
        localStorage.setItem(RECENT + this.user, JSON.stringify([lead, ...this.remembered().filter((each) => each.id !== lead.id)].slice(0, 5)));
      } catch {
        this.recent = []; // the browser keeps nothing for us
      }
    },
    visited(event) {
      const link = event.target.closest?.('a[href^="/leads/"]');
      const id = link?.getAttribute('href').split('/')[2];
      const name = id && (document.querySelector(`[data-id="${CSS.escape(id)}"] .lk-name`) || link).textContent.trim();
      if (name) this.remember({ id, name });
    },
    forget() {
      for (const name of Object.keys(localStorage)) if (name.startsWith(RECENT)) localStorage.removeItem(name);
    },
  },
};
