// One's own calendar feed: its secret address is shown when it is made, and never again; a new one ends the former.
const icon = (name, more = 'lk-i14') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
const FAILED = 'This did not work. Try again in a moment.';

export default {
  template: `
    <dialog v-if="shown" ref="box" class="lk-top" role="dialog" aria-modal="true" aria-labelledby="lk-feed-h" @cancel.prevent="close" @close="gone" @keydown.stop="key" @pointerdown.self="close">
      <div class="lk-dialog lk-prompt lk-feed">
        <header><h2 id="lk-feed-h">Calendar feed</h2></header>
        <div class="lk-inside">
          <p>Your own follow-ups in your calendar program, kept up to date by it: all that are open, with their time, the lead's name, the note, a link to the lead, and the reminder. Overdue ones stay until they are done.</p>
          <p v-if="wrong" class="lk-alert" role="alert">{{ wrong }}</p>
          <div v-if="address" class="lk-once"><b>Copy the address now. It is not shown again.</b>
            <div><code class="lk-mono" tabindex="0">{{ address }}</code><button ref="first" type="button" class="lk-btn" @click="copy">{{ copied ? 'Copied' : 'Copy' }}</button></div>
            <p class="lk-hint">In your calendar program: add a calendar by its address (URL). Whoever has the address can read the feed, so keep it to yourself.</p></div>
          <p v-else-if="since" class="lk-feed-on">${icon('calendar')}<span>On since {{ when }}. The address was shown when it was made; if it is lost, make a new one.</span></p>
          <p v-else-if="since === null" class="lk-feed-on">${icon('calendar')}<span>You have no feed yet. Its address is secret and is shown once.</span></p>
          <p v-if="asked" class="lk-notice" role="status">{{ asked === 'make' ? 'The former address ends at once: programs that read it need the new one.' : 'The address ends at once, and calendar programs that read it show nothing new.' }}</p>
        </div>
        <footer v-if="asked"><button ref="keep" type="button" class="lk-btn" @click="leave">Keep it</button>
          <button type="button" class="lk-btn" :class="asked === 'make' ? 'lk-primary' : 'lk-danger'" :disabled="busy" @click="order(asked)">{{ asked === 'make' ? 'Make a new address' : 'End the feed' }}</button></footer>
        <footer v-else>
          <template v-if="since"><button ref="end" type="button" class="lk-btn lk-danger" @click="ask('end')">End</button><button ref="renew" type="button" class="lk-btn" @click="ask('make')">New address</button></template>
          <span class="lk-grow"></span>
          <button ref="shut" type="button" class="lk-btn" @click="close">Close</button>
          <button v-if="since === null" ref="make" type="button" class="lk-btn lk-primary" :disabled="busy" @click="order('make')">Make the address</button>
        </footer>
      </div>
    </dialog>`,

  props: { icons: String, send: Function },
  data: () => ({ shown: false, since: undefined, address: '', asked: '', wrong: '', busy: false, copied: false }),
  computed: {
    when() {
      return window.lk.full(this.since);
    },
  },

  methods: {
    open() {
      this.opener = document.activeElement;
      Object.assign(this, { shown: true, since: undefined, address: '', asked: '', wrong: '', busy: false, copied: false });
      this.$nextTick(() => {
        this.$refs.box.showModal();
        this.$refs.shut.focus();
      });
      return this.order('look');
    },
    close() {
      this.$refs.box?.close();
    },
    gone() {
      [this.shown, this.address] = [false, ''];
      if (this.opener?.isConnected) this.opener.focus({ preventScroll: true });
    },
    key(event) {
      if (event.key !== 'Escape') return;
      event.preventDefault();
      if (this.asked) this.leave();
      else this.close();
    },
    ask(what) {
      this.asked = what;
      this.$nextTick(() => this.$refs.keep?.focus());
    },
    leave() {
      const from = this.asked === 'end' ? 'end' : 'renew';
      this.asked = '';
      this.$nextTick(() => this.$refs[from]?.focus());
    },
    async order(name) {
      [this.busy, this.wrong] = [true, ''];
      const answer = await this.send(name, {});
      this.busy = false;
      if (!this.shown) return;
      if (!answer?.ok) {
        this.wrong = Object.values(answer?.errors || {})[0] || FAILED;
        return;
      }
      [this.since, this.asked, this.copied] = [answer.since, '', false];
      this.address = answer.address ? new URL(answer.address, location.origin).href : '';
      if (name !== 'look') this.$nextTick(() => (this.$refs.first || this.$refs.make)?.focus());
    },
    async copy() {
      this.copied = await window.lk.copy(this.address);
    },
  },
};
