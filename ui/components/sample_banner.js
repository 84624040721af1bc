// What is deleted cannot be taken back, so the button asks once more, in its own place.
export default {
  template: `
    <aside class="lk-sample" aria-label="Sample data">
      <svg class="lk-i lk-i14" aria-hidden="true"><use :href="icons + '#info'"/></svg>
      <span class="lk-grow lk-cut" role="status">{{ busy ? 'Removing the sample data.' : asked ? 'Remove all sample leads, people and destinations for good?' : 'This desk shows sample data.' }}<span v-if="!busy && !asked" class="lk-hide-s"> Nobody in it exists, and nothing leaves this machine.</span></span>
      <template v-if="may && !busy">
        <button v-if="!asked" type="button" class="lk-btn lk-small" @click="ask">Remove sample data</button>
        <template v-else>
          <button ref="sure" type="button" class="lk-btn lk-small lk-primary" @click="remove" @keydown.esc="asked = false">Remove</button>
          <button type="button" class="lk-btn lk-small" @click="asked = false" @keydown.esc="asked = false">Keep</button>
        </template>
      </template>
    </aside>`,
  props: { may: Boolean, icons: String },
  data: () => ({ asked: false, busy: false }),
  methods: {
    // called by the server
    settled() {
      this.busy = this.asked = false;
    },

    ask() {
      this.asked = true;
      this.$nextTick(() => this.$refs.sure.focus());
    },
    remove() {
      this.busy = true;
      this.$emit('remove');
    },
  },
};
