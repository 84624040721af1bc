// A lead put in by hand. What is typed stays until it is saved or thrown away; somebody who is known already is offered first.
const icon = (name, more = '') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
const EMPTY = { name: '', email: '', phone: '', message: '', way: 'phone', locationId: '', quality: '', mine: true };

export default {
  template: `
    <dialog ref="box" class="lk-top" role="dialog" aria-modal="true" aria-label="New lead" @cancel.prevent="close" @close="gone" @keydown.stop="key" @pointerdown.self="close">
      <form v-if="open" class="lk-dialog lk-wide" novalidate @submit.prevent="save">
        <header><h2>New lead</h2></header>
        <div class="lk-inside">
          <p v-if="errors['']" class="lk-alert" role="alert">{{ errors[''] }}</p>
          <div class="lk-field"><label for="lk-new-name">Name</label><input id="lk-new-name" ref="first" v-model="form.name" maxlength="300" autocomplete="off" @input="look"></div>
          <div class="lk-pair">
            <div v-for="each in reach" :key="each.name" class="lk-field"><label :for="'lk-new-' + each.name">{{ each.label }}</label>
              <input :id="'lk-new-' + each.name" v-model="form[each.name]" :type="each.kind" :maxlength="each.most" autocomplete="off" :aria-invalid="errors[each.name] ? 'true' : null" :aria-describedby="errors[each.name] ? 'lk-new-wrong-' + each.name : null" @input="look">
              <p v-if="errors[each.name]" :id="'lk-new-wrong-' + each.name" class="lk-wrong" role="alert">{{ errors[each.name] }}</p></div>
          </div>
          <div v-if="known.length" class="lk-known" role="status">
            <p>{{ known.length === 1 ? 'Somebody like this is here already:' : 'People like this are here already:' }}</p>
            <ul><li v-for="each in known" :key="each.id"><span class="lk-grow lk-cut"><b>{{ each.name }}</b> <span class="lk-mono">{{ each.reference }}</span> {{ each.why }}</span><button type="button" class="lk-btn lk-small" @click="go(each.id)">Open<span class="lk-sr"> {{ each.name }}</span></button></li></ul>
          </div>
          <div class="lk-field"><label for="lk-new-message">What do they want?</label><textarea id="lk-new-message" v-model="form.message" rows="3" maxlength="10000" :aria-invalid="errors.message ? 'true' : null"></textarea>
            <p v-if="errors.message" class="lk-wrong" role="alert">{{ errors.message }}</p></div>
          <div class="lk-pair">
            <div class="lk-field"><label for="lk-new-way">How they came</label><select id="lk-new-way" v-model="form.way"><option value="phone">Phone</option><option value="walk-in">Walk-in</option><option value="added by hand">Other</option></select></div>
            <div class="lk-field"><label for="lk-new-quality">Quality</label><select id="lk-new-quality" v-model="form.quality"><option value="">From what they said</option><option value="hot">Hot</option><option value="warm">Warm</option><option value="cold">Cold</option></select></div>
            <div v-if="places.length > 1" class="lk-field"><label for="lk-new-place">Location</label><select id="lk-new-place" v-model="form.locationId"><option v-for="each in places" :key="each.id" :value="each.id">{{ each.name }}</option></select></div>
          </div>
          <label class="lk-mine"><input type="checkbox" v-model="form.mine"> Assign to me</label>
        </div>
        <footer><button type="button" class="lk-btn" @click="close">Cancel</button><button type="submit" class="lk-btn lk-primary" :disabled="busy">{{ busy ? 'Saving' : 'Add lead' }}</button></footer>
      </form>
    </dialog>`,

  props: { places: Array, icons: String },
  emits: ['look', 'save'],
  data: () => ({ open: false, form: { ...EMPTY }, errors: {}, known: [], busy: false }),
  computed: {
    reach: () => [{ name: 'phone', label: 'Phone', kind: 'tel', most: 64 }, { name: 'email', label: 'E-mail', kind: 'email', most: 320 }],
  },
  mounted() {
    window.addEventListener('lk:new', this.show);
    window.addEventListener('lk:key', this.heard);
  },
  unmounted() {
    window.removeEventListener('lk:new', this.show);
    window.removeEventListener('lk:key', this.heard);
    clearTimeout(this.timer);
    clearTimeout(this.patience);
  },

  methods: {
    // called by the server
    looked(number, known) {
      if (number === this.number) this.known = known || [];
    },
    saved(answer) {
      this.settle();
      this.errors = answer?.errors || (answer?.id ? {} : { '': 'This was not saved. What you typed is still here; try again in a moment.' });
      if (answer?.id) {
        this.form = { ...EMPTY };
        this.go(answer.id);
      } else this.$nextTick(() => this.$el.querySelector('[aria-invalid]')?.focus());
    },

    heard(event) {
      if (event.detail.name === 'new') this.show();
    },
    show() {
      if (this.open) return;
      this.opener = document.activeElement;
      [this.open, this.errors, this.known] = [true, {}, []];
      this.form.locationId ||= this.places[0]?.id || '';
      this.$refs.box.showModal();
      this.$nextTick(() => this.$refs.first.focus());
    },
    close() {
      this.$refs.box.close();
    },
    gone() {
      this.open = false;
      this.opener?.focus?.();
    },
    key(event) {
      if (event.key === 'Escape') {
        event.preventDefault();
        this.close();
      } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) this.save();
    },
    go(id) {
      this.close();
      window.lk.go(`/leads/${id}`);
    },
    look() {
      clearTimeout(this.timer);
      this.number = (this.number || 0) + 1;
      const { name, email, phone } = this.form;
      if (!name.trim() && !email.trim() && !phone.trim()) return (this.known = []);
      this.timer = setTimeout(() => this.$emit('look', { number: this.number, name, email, phone }), 250);
    },
    save() {
      if (this.busy) return;
      if (!window.socket?.connected) return (this.errors = { '': 'There is no connection right now. What you typed stays here.' });
      if (!this.form.email.trim() && !this.form.phone.trim()) return (this.errors = { phone: 'Give a phone number or an e-mail address, so that somebody can answer.' });
      this.busy = true;
      this.errors = {};
      const fields = { ...this.form };
      if (!fields.locationId) delete fields.locationId;
      this.$emit('save', fields);
      this.patience = setTimeout(() => this.saved(null), 20000);
    },
    settle() {
      clearTimeout(this.patience);
      this.busy = false;
    },
  },
};
