// Two leads side by side before they become one: which value wins, and what moves. Nothing is merged until it is said.
export default {
  template: `
    <dialog v-if="pair" ref="box" class="lk-top" role="dialog" aria-modal="true" aria-label="Compare two leads" @cancel.prevent="close" @close="gone" @keydown.stop="key" @pointerdown.self="close">
      <form class="lk-dialog lk-compare" @submit.prevent="merge">
        <header><h2>Compare two leads</h2></header>
        <div class="lk-inside">
          <p v-if="wrong" class="lk-alert" role="alert">{{ wrong }}</p>
          <table class="lk-table">
            <caption class="lk-sr">Both leads; what is kept is marked</caption>
            <thead><tr><th scope="col"><span class="lk-sr">Field</span></th><th v-for="side in pair.sides" :key="side.id" scope="col">{{ side.reference }}<span class="lk-meta">{{ side.id === kept ? 'is kept' : 'goes into it' }}</span></th></tr></thead>
            <tbody><tr v-for="row in pair.rows" :key="row.label"><th scope="row">{{ row.label }}</th>
              <td v-for="(value, n) in row.values" :key="n" :class="{ 'lk-wins': row.wins === n }">{{ value || '–' }}<span v-if="row.together && n === 0" class="lk-meta">becomes {{ row.together }}</span><span v-if="row.wins === n" class="lk-sr"> (is kept)</span></td></tr></tbody>
          </table>
          <p class="lk-hint">{{ pair.moves }} Nothing is deleted, and the merge can be undone.</p>
        </div>
        <footer><button type="button" class="lk-btn" @click="swap">Keep the other one</button><span class="lk-grow"></span><button type="button" class="lk-btn" @click="close">Cancel</button>
          <button ref="go" type="submit" class="lk-btn lk-primary" :disabled="busy">Merge</button></footer>
      </form>
    </dialog>`,

  props: { icons: String, order: Function },
  emits: ['merge'],
  data: () => ({ pair: null, kept: '', busy: false, wrong: '' }),

  methods: {
    // `kept` and `other` are ids of leads
    async open(kept, other) {
      this.opener = document.activeElement;
      await this.look(kept, other);
      if (!this.pair) return;
      await this.$nextTick();
      this.$refs.box.showModal();
      this.$refs.go.focus();
    },
    async look(kept, other) {
      const answer = await this.order('preview', { kept, other });
      if (answer?.rows) [this.pair, this.kept, this.other, this.wrong] = [answer, kept, other, ''];
    },
    swap() {
      return this.look(this.other, this.kept);
    },
    close() {
      this.$refs.box?.close();
    },
    gone() {
      this.pair = null;
      this.opener?.focus?.();
    },
    key(event) {
      if (event.key === 'Escape') {
        event.preventDefault();
        this.close();
      }
    },
    async merge() {
      this.busy = true;
      const answer = await this.order('merge', { kept: this.kept, other: this.other });
      this.busy = false;
      this.wrong = answer?.errors?.[''] || '';
      if (!answer?.ok) return;
      this.close();
      this.$emit('merge', this.kept);
    },
  },
};
