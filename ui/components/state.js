// A whole panel that has nothing to show, and why; while it loads, bones in the shape of rows.
const GLYPHS = { missing: 'circle-help', denied: 'lock', error: 'circle-alert' };

export default {
  template: `
    <div v-if="kind === 'loading'" class="lk-bones" role="status"><span class="lk-sr">Loading</span><div v-for="n in 6" :key="n" class="lk-bone" aria-hidden="true"><i></i><i></i><i></i></div></div>
    <section v-else class="lk-state" :data-kind="kind">
      <span class="lk-glyph"><svg class="lk-i" aria-hidden="true"><use :href="icons + '#' + glyph"/></svg></span>
      <h1 class="lk-h">{{ title }}</h1>
      <p>{{ text }}</p>
      <button v-if="button" type="button" class="lk-btn" :disabled="pressed" @click="press">{{ button }}</button>
      <a v-if="kind === 'missing'" class="lk-btn" href="/">Open the inbox</a>
      <details v-if="detail" class="lk-hint"><summary>Details</summary><span class="lk-mono">{{ detail }}</span></details>
    </section>`,
  props: { kind: String, title: String, text: String, button: String, detail: String, icons: String },
  data: () => ({ pressed: false }),
  computed: {
    glyph() {
      return GLYPHS[this.kind];
    },
  },
  methods: {
    press() {
      this.pressed = this.kind === 'denied';
      this.$emit('press');
    },
  },
};
