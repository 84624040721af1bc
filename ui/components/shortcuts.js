// The sheet of all keys, and the switch that turns the single ones off for a person.
const STORE = 'lk.keys.';

export default {
  template: `
    <div v-if="shown" class="lk-veil" @mousedown.self="close">
      <div ref="box" class="lk-dialog lk-shortcuts" role="dialog" aria-modal="true" aria-label="Keyboard shortcuts" @keydown="key">
        <header><h2 class="lk-grow">Keyboard shortcuts</h2>
          <button ref="first" type="button" class="lk-btn lk-quiet lk-square" @click="close"><svg class="lk-i" aria-hidden="true"><use :href="icons + '#x'"/></svg><span class="lk-sr">Close</span></button></header>
        <div class="lk-inside lk-map" tabindex="0" role="region" aria-label="All keys">
          <section v-for="group in groups" :key="group.title">
            <h3>{{ group.title }}</h3>
            <dl><div v-for="row in group.rows" :key="row.words" :class="{ 'lk-dim': !on && !row.always }"><dt>{{ row.words }}</dt>
              <dd><template v-for="(way, n) in row.ways" :key="n"><span v-if="n" class="lk-or">or</span><kbd v-for="each in way" :key="each" class="lk-key">{{ sign(each) }}</kbd></template></dd></div></dl>
          </section>
        </div>
        <footer>
          <button type="button" class="lk-keyturn" role="switch" :aria-checked="on ? 'true' : 'false'" @click="turn(!on)"><i aria-hidden="true"></i><span>Single-key shortcuts</span></button>
          <span class="lk-hint lk-grow">{{ on ? 'Letters act at once where no text is typed.' : 'Letters do nothing; keys with ' + mod + ' still work.' }}</span>
        </footer>
      </div>
    </div>`,

  props: { places: Array, has: Array, user: String, icons: String },
  emits: ['turn'],

  data() {
    return { shown: false, on: true, groups: [] };
  },

  created() {
    const { keys } = window.lk;
    keys.start({ places: this.places, has: this.has });
    this.sign = keys.shown;
    this.mod = keys.shown('mod');
    this.turned(this.stored());
  },
  mounted() {
    window.addEventListener('lk:key', this.heard);
  },
  unmounted() {
    window.removeEventListener('lk:key', this.heard);
  },

  methods: {
    // called by the server, which knows it from the person's own settings; this browser remembers it for the next first paint
    turned(on) {
      this.on = on;
      window.lk.keys.turn(on);
      try {
        localStorage.setItem(STORE + this.user, on ? 'on' : 'off');
      } catch {
        return; // it keeps nothing for us
      }
    },
    stored() {
      try {
        return localStorage.getItem(STORE + this.user) !== 'off';
      } catch {
        return true;
      }
    },
    turn(on) {
      this.turned(on);
      this.$emit('turn', on);
    },
    heard(event) {
      const { name, value } = event.detail;
      if (name === 'turn') this.turn(value);
      if (name !== 'sheet' || this.shown) return;
      this.opener = document.activeElement;
      this.groups = window.lk.keys.sheet();
      this.shown = true;
      this.$nextTick(() => this.$refs.first.focus());
    },
    close() {
      this.shown = false;
      if (this.opener?.isConnected) this.opener.focus({ preventScroll: true });
    },
    key(event) {
      if (event.key === 'Tab') return window.lk.keys.trap(event, this.$refs.box);
      if (event.key !== 'Escape' && event.key !== '?') return;
      event.preventDefault();
      event.stopPropagation();
      this.close();
    },
  },
};
