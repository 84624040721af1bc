// The list tells the number of open leads by a window event, so that it crosses the socket once.
export default {
  template: `
    <nav class="lk-side" aria-label="Desk">
      <a class="lk-skip" :href="'#' + main" @click.prevent="skip">Skip to the content</a>
      <div class="lk-brand"><span class="lk-logo"><svg class="lk-i" aria-hidden="true"><use :href="icons + '#logo'"/></svg></span><b>Leadkeeper</b></div>
      <a v-for="each in places" :key="each.path" class="lk-nav" :href="each.path" :aria-current="each.path === place ? 'page' : null">
        <svg class="lk-i" aria-hidden="true"><use :href="icons + '#' + each.icon"/></svg><span>{{ each.name }}</span><span class="lk-num">{{ each.path === '/' && open ? open : '' }}</span>
      </a>
      <span class="lk-grow lk-space"></span>
      <button type="button" class="lk-nav" @click="theme">
        <svg class="lk-i lk-moon" aria-hidden="true"><use :href="icons + '#moon'"/></svg><svg class="lk-i lk-sun" aria-hidden="true"><use :href="icons + '#sun'"/></svg><span>Theme</span>
      </button>
      <div class="lk-person">
        <span class="lk-av lk-av24" :data-av="tint" aria-hidden="true">{{ initials }}</span>
        <span class="lk-grow lk-cut"><b class="lk-cut">{{ person }}</b><span class="lk-role">{{ role }}</span></span>
        <form method="post" action="/logout">
          <button type="submit" class="lk-nav lk-out" title="Sign out"><svg class="lk-i" aria-hidden="true"><use :href="icons + '#log-out'"/></svg><span>Sign out</span></button>
        </form>
      </div>
    </nav>`,
  props: { places: Array, place: String, main: String, person: String, role: String, initials: String, tint: Number, icons: String },
  data: () => ({ open: 0 }),
  created() {
    window.addEventListener('lk:open', this.count);
  },
  unmounted() {
    window.removeEventListener('lk:open', this.count);
  },
  methods: {
    count(event) {
      this.open = event.detail.open;
    },
    theme: () => window.lkSwitchTheme(),
    skip() {
      document.getElementById(this.main)?.focus();
    },
  },
};
