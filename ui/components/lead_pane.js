// Beside the list while no lead is open; hears from it, by a window event, whether there is any lead at all.
export default {
  template: `
    <div class="lk-state">
      <template v-if="any === false">
        <span class="lk-glyph"><svg class="lk-i" aria-hidden="true"><use :href="icons + '#send'"/></svg></span>
        <h2>Send the first lead</h2>
        <p>Any form or script can hand one in. It shows up in this list the moment it is stored.</p>
        <p class="lk-ways"><a class="lk-btn lk-primary" href="/welcome?step=test">Send a test lead</a><a class="lk-btn" href="/welcome?step=form">Get the snippet</a></p>
        <pre class="lk-mono" tabindex="0" role="region" aria-label="Example">{{ example }}</pre>
      </template>
      <template v-else>
        <span class="lk-glyph"><svg class="lk-i" aria-hidden="true"><use :href="icons + '#inbox'"/></svg></span>
        <h2>Pick a lead</h2>
        <p><span class="lk-key">J</span> and <span class="lk-key">K</span> move through the list, <span class="lk-key">Enter</span> opens.</p>
      </template>
    </div>`,
  props: { icons: String },
  data: () => ({ any: null }),
  computed: {
    example: () =>
      `curl ${location.origin}/api/submit-contact \\\n  -d name='Ada Lovelace' \\\n  -d email=ada@example.com \\\n  -d message='Can you quote me for Friday?'`,
  },
  created() {
    window.addEventListener('lk:open', this.count);
  },
  unmounted() {
    window.removeEventListener('lk:open', this.count);
  },
  methods: {
    count(event) {
      this.any = event.detail.any;
    },
  },
};
