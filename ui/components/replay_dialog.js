// The question before many deliveries are sent again: so many chosen ones, or all dead letters since a time.
export default {
  template: `
    <dialog ref="box" class="lk-dialog lk-replay" role="dialog" aria-modal="true" :aria-label="title" @cancel.prevent="close" @click.self="close">
      <form v-if="open" @submit.prevent="go">
        <h2>{{ title }}</h2>
        <template v-if="!ids">
          <div class="lk-field"><label for="lk-replay-since">Dead since</label><input id="lk-replay-since" type="datetime-local" v-model="since" required @change="count" /></div>
          <div class="lk-field"><label for="lk-replay-place">Destination</label>
            <select id="lk-replay-place" v-model="destination" @change="count"><option value="">All destinations</option><option v-for="place in places" :key="place.id" :value="place.name">{{ place.name }}</option></select></div>
        </template>
        <p class="lk-replay-count" role="status" aria-live="polite">{{ said }}</p>
        <div class="lk-foot"><button type="button" class="lk-btn" @click="close">Cancel</button><button type="submit" class="lk-btn lk-primary" :disabled="!number || busy">{{ number ? 'Replay ' + number.toLocaleString('en') : 'Replay' }}</button></div>
      </form>
    </dialog>`,

  props: { icons: String },
  data: () => ({ open: false, ids: null, places: [], since: '', destination: '', number: 0, known: false, busy: false }),

  computed: {
    title() {
      return this.ids ? `Replay ${this.ids.length.toLocaleString('en')} deliveries` : 'Replay all dead since';
    },
    said() {
      if (!this.known) return 'Counting…';
      if (!this.number) return 'There is no dead letter to replay.';
      const many = `${this.number.toLocaleString('en')} ${this.number === 1 ? 'delivery goes' : 'deliveries go'} out again`;
      return `${many}, each with its own key and at the pace of its destination. Sending cannot be undone.`;
    },
  },

  created() {
    window.addEventListener('lk:replay', this.ask);
    window.addEventListener('lk:delivery-acted', this.acted);
  },
  unmounted() {
    window.removeEventListener('lk:replay', this.ask);
    window.removeEventListener('lk:delivery-acted', this.acted);
  },

  methods: {
    // called by the server
    counted(number, asked) {
      if (asked.since !== this.order().since || (asked.destination || '') !== this.destination) return;
      [this.number, this.known] = [number ?? 0, true];
    },
    close() {
      this.$refs.box.close(); // the browser gives focus back to where it was
      [this.open, this.busy] = [false, false];
    },

    ask(event) {
      const { ids = null, places = [], destination = '' } = event.detail;
      Object.assign(this, { open: true, ids, places, destination, number: ids ? ids.length : 0, known: !!ids, busy: false });
      const day = new Date(window.lk.now() - 86400000);
      this.since = new Date(day.getTime() - day.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
      if (!ids) this.count();
      this.$nextTick(() => this.$refs.box.showModal());
    },
    order() {
      return { since: new Date(this.since).getTime(), destination: this.destination };
    },
    count() {
      [this.number, this.known] = [0, false];
      if (this.since) this.$emit('count', this.order());
    },
    go() {
      this.busy = true;
      if (this.ids) this.$emit('act', { what: 'replay', ids: this.ids });
      else this.$emit('dead', this.order());
    },
    acted() {
      this.busy = false;
      if (this.ids && this.open) this.close();
    },
  },
};
