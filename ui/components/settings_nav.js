// The list of settings pages. At /settings itself it is the page on phones; where there is room for both, the first page opens beside it.
const ONE = matchMedia('(max-width: 820px)');

export default {
  template: `
    <div class="lk-set-nav">
      <header class="lk-bar">
        <a v-if="current" class="lk-btn lk-quiet lk-square lk-set-back" href="/settings" title="All settings"><svg class="lk-i" aria-hidden="true"><use :href="icons + '#arrow-left'"/></svg><span class="lk-sr">All settings</span></a>
        <h1>Settings</h1>
      </header>
      <nav aria-label="Settings">
        <template v-for="group in groups" :key="group.name">
          <h2>{{ group.name }}</h2>
          <a v-for="page in group.pages" :key="page.slug" class="lk-nav" :href="'/settings/' + page.slug" :aria-current="page.slug === current ? 'page' : null">
            <svg class="lk-i" aria-hidden="true"><use :href="icons + '#' + page.icon"/></svg><span>{{ page.name }}</span>
            <svg class="lk-i lk-i14 lk-set-on" aria-hidden="true"><use :href="icons + '#chevron-right'"/></svg>
          </a>
        </template>
      </nav>
    </div>`,
  props: { groups: Array, current: String, icons: String },
  mounted() {
    if (this.current) return;
    ONE.addEventListener('change', this.goOn);
    this.goOn();
  },
  unmounted() {
    ONE.removeEventListener('change', this.goOn);
    clearTimeout(this.later);
  },
  methods: {
    // Replaced, not pushed: going back must not come here again only to be sent on.
    goOn() {
      if (ONE.matches || location.pathname !== '/settings') return;
      if (!window.socket?.connected) {
        this.later = setTimeout(this.goOn, 20); // the page was drawn before its socket is there
        return;
      }
      const path = `/settings/${this.groups[0].pages[0].slug}`;
      history.replaceState({ page: path }, '', path);
      window.emitEvent('sub_pages_open', path);
    },
  },
};
