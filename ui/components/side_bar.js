// The list tells the number of open leads by a window event, so that it crosses the socket once; the other counts come from the server.
const icon = (name) => `<svg class="lk-i" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;

export default {
  template: `
    <nav class="lk-side" aria-label="Desk">
      <a class="lk-skip" :href="'#' + main" @click.prevent.stop="skip">Skip to the content</a>
      <div class="lk-brand"><span class="lk-logo">${icon('logo')}</span><b class="lk-cut" :title="company">{{ company || 'Leadkeeper' }}</b></div>
      <button type="button" class="lk-nav lk-find" @click="key('palette')">${icon('search')}<span class="lk-grow">Search or jump to</span><span class="lk-key" aria-hidden="true">{{ mod }}K</span></button>
      <a v-for="each in upper" :key="each.path" class="lk-nav" :class="{ 'lk-extra': !onBar(each) }" :href="each.path" :aria-current="here(each) ? 'page' : null">
        <svg class="lk-i" aria-hidden="true"><use :href="icons + '#' + each.icon"/></svg><span :class="{ 'lk-full': each.short }">{{ each.name }} </span><span v-if="each.short" class="lk-short" :aria-hidden="each.name.includes(each.short) ? 'true' : null">{{ each.short }}</span><span class="lk-num" :data-tone="tone(each)">{{ number(each) }}</span>
      </a>
      <span class="lk-grow lk-space"></span>
      <a v-for="each in lower" :key="each.path" class="lk-nav lk-extra" :href="each.path" :aria-current="here(each) ? 'page' : null">
        <svg class="lk-i" aria-hidden="true"><use :href="icons + '#' + each.icon"/></svg><span>{{ each.name }}</span>
        <span v-if="each.count === 'health' && counts.health && counts.health !== 'ok'" class="lk-state-dot" :data-tone="counts.health === 'down' ? 'red' : 'amber'"><span class="lk-sr">{{ counts.health }}</span></span>
      </a>
      <button type="button" class="lk-nav lk-extra" @click="theme">
        <svg class="lk-i lk-moon" aria-hidden="true"><use :href="icons + '#moon'"/></svg><svg class="lk-i lk-sun" aria-hidden="true"><use :href="icons + '#sun'"/></svg><span>Theme</span>
      </button>
      <button ref="more" type="button" class="lk-nav lk-more" :aria-expanded="open ? 'true' : 'false'" aria-haspopup="menu" @click="open = !open">${icon('menu')}<span>More</span></button>
      <div v-if="open" class="lk-sheet" role="menu" aria-label="More" @keydown.esc.stop="close">
        <a v-for="each in rest" :key="each.path" role="menuitem" class="lk-nav" :href="each.path" @click="open = false"><svg class="lk-i" aria-hidden="true"><use :href="icons + '#' + each.icon"/></svg><span>{{ each.name }}</span><span class="lk-num" :data-tone="tone(each)">{{ number(each) }}</span></a>
        <button role="menuitem" type="button" class="lk-nav" @click="(open = false), key('palette')">${icon('search')}<span>Search or jump to</span></button>
        <button role="menuitem" type="button" class="lk-nav" @click="theme"><svg class="lk-i lk-moon" aria-hidden="true"><use :href="icons + '#moon'"/></svg><svg class="lk-i lk-sun" aria-hidden="true"><use :href="icons + '#sun'"/></svg><span>Theme</span></button>
        <button v-if="takes" role="menuitemcheckbox" type="button" class="lk-nav" :aria-checked="on ? 'true' : 'false'" @click="turn">${icon('power')}<span>{{ on ? 'Online: takes new leads' : 'Away: takes no leads' }}</span></button>
        <button role="menuitem" type="button" class="lk-nav" @click="leave">${icon('log-out')}<span>Sign out</span></button>
      </div>
      <div class="lk-person">
        <span class="lk-av lk-av24" :data-av="tint" aria-hidden="true">{{ initials }}</span>
        <span class="lk-grow lk-cut"><b class="lk-cut">{{ person }}</b><button v-if="takes" type="button" role="switch" class="lk-online" :style="{ visibility: on === null ? 'hidden' : null }" :aria-checked="on ? 'true' : 'false'" :title="hint" @click="turn"><span class="lk-sr">Takes new leads: </span>{{ on ? 'Online' : 'Away' }}</button><span v-else class="lk-role">{{ role }}</span></span>
        <form ref="out" method="post" action="/logout" @submit="signOut">
          <button type="submit" class="lk-nav lk-out" title="Sign out">${icon('log-out')}<span>Sign out</span></button>
        </form>
      </div>
    </nav>`,
  props: { places: Array, company: String, path: String, main: String, person: String, user: String, role: String, takes: Boolean, initials: String, tint: Number, icons: String },
  data() {
    return { at: this.path, open: false, counts: {}, on: null };
  },
  computed: {
    hint() {
      return `${this.role}. ${this.on ? 'New leads are given to you; press to go away' : 'You are given no new leads; press to go online'}`;
    },
    upper() {
      return this.places.filter((each) => !each.low);
    },
    lower() {
      return this.places.filter((each) => each.low);
    },
    rest() {
      return this.places.filter((each) => !this.onBar(each));
    },
  },
  created() {
    this.mod = /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘' : 'Ctrl ';
    window.lkUser = this.user;
    window.addEventListener('lk:open', this.count);
    window.addEventListener('lk:leave', this.leave);
    document.addEventListener('click', this.away);
  },
  unmounted() {
    window.removeEventListener('lk:open', this.count);
    window.removeEventListener('lk:leave', this.leave);
    document.removeEventListener('click', this.away);
  },
  methods: {
    // called by the server
    counted(counts) {
      this.counts = { ...this.counts, ...counts };
    },
    turned(on) {
      this.on = on;
    },
    arrived(path, title) {
      this.at = path;
      document.title = `${title} · Leadkeeper`;
      this.open = false;
      this.$nextTick(() => {
        const lost = !document.activeElement || document.activeElement === document.body;
        if (lost) document.getElementById(this.main)?.focus({ preventScroll: true });
      });
    },

    turn() {
      this.$emit('turn', !this.on);
    },
    count(event) {
      this.counts = { ...this.counts, inbox: event.detail.open };
    },
    onBar(each) {
      return this.upper.indexOf(each) < 4 && !each.low;
    },
    here(each) {
      const path = this.at.split('?')[0];
      if (each.path === '/') return path === '/' || path.startsWith('/leads/');
      return path === each.path || path.startsWith(each.path + '/');
    },
    number(each) {
      const n = this.counts[each.count];
      return typeof n === 'number' && n ? n : '';
    },
    tone: (each) => (['late', 'deliveries', 'quarantine'].includes(each.count) ? 'red' : null),
    theme: () => window.lkSwitchTheme(),
    key: (name) => window.dispatchEvent(new CustomEvent('lk:key', { detail: { name } })),
    skip() {
      document.getElementById(this.main)?.focus();
    },
    close() {
      this.open = false;
      this.$refs.more.focus();
    },
    away(event) {
      if (this.open && !this.$el.contains(event.target)) this.open = false;
    },
    signOut: () => window.dispatchEvent(new CustomEvent('lk:signout')),
    leave() {
      this.$refs.out.requestSubmit();
    },
  },
};
