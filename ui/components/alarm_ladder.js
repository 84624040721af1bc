// The alarm ladder: who is told of a hot lead that nobody has taken, and the order in which. Moved by buttons; the server keeps the order.
const icon = (name) => `<svg class="lk-i lk-i14" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;
const button = (name, words, more) => `<button type="button" class="lk-btn lk-quiet lk-square" :title="'${words} ' + row.name" ${more}>${icon(name)}<span class="lk-sr">${words} {{ row.name }}</span></button>`;

export default {
  template: `
    <section class="lk-ladder" aria-labelledby="lk-ladder-h">
      <header class="lk-set-head"><div><h2 id="lk-ladder-h">Alarm ladder</h2>
        <p>Who is told of a hot lead, and when. Channels that hear about new leads are told at once. A hot lead that no channel has taken after 2 minutes goes to the next one in this order; after 5 minutes every open desk shows a red banner and sounds.</p></div></header>
      <dl class="lk-ladder-when"><div v-for="each in ladder.moments" :key="each.when"><dt>{{ each.when }}</dt><dd>{{ each.who }}</dd></div></dl>
      <ol v-if="placed.length" class="lk-ladder-rows" aria-label="The ladder, the first one on top">
        <li v-for="(row, n) in placed" :key="row.id" :data-rung="row.id"><div class="lk-set-row">
          <span class="lk-ladder-n" aria-hidden="true">{{ n + 1 }}</span>
          <span class="lk-tile"><svg class="lk-i" aria-hidden="true"><use :href="icons + '#' + row.icon"/></svg></span>
          <div class="lk-grow lk-set-what"><b>{{ row.name }}</b><span class="lk-set-sub">{{ row.said }}</span></div>
          <div v-if="edit" class="lk-set-acts lk-ladder-acts">
            ${button('chevron-up', 'Move up', `data-act="up" :aria-disabled="n ? null : 'true'" @click="move(n, -1)"`)}
            ${button('chevron-down', 'Move down', `data-act="down" :aria-disabled="n < placed.length - 1 ? null : 'true'" @click="move(n, 1)"`)}
            ${button('x', 'Take out', 'data-act="out" @click="take(row)"')}
          </div></div></li>
      </ol>
      <template v-if="others.length">
        <h3 class="lk-ladder-rest">{{ placed.length ? 'Not in the ladder: after those, the oldest first' : 'Nobody has a place yet: the oldest goes first' }}</h3>
        <ul class="lk-ladder-rows">
          <li v-for="row in others" :key="row.id" :data-rung="row.id"><div class="lk-set-row">
            <span class="lk-tile"><svg class="lk-i" aria-hidden="true"><use :href="icons + '#' + row.icon"/></svg></span>
            <div class="lk-grow lk-set-what"><b>{{ row.name }}</b><span class="lk-set-sub">{{ row.said }}</span></div>
            <div v-if="edit" class="lk-set-acts"><button type="button" class="lk-btn" data-act="add" @click="add(row)">Give it a place<span class="lk-sr"> {{ row.name }}</span></button></div></div></li>
        </ul>
      </template>
      <div class="lk-sr" role="status" aria-live="polite">{{ said }}</div>
    </section>`,

  props: { ladder: Object, edit: Boolean, icons: String },
  emits: ['order'],
  data: () => ({ mine: null, said: '' }), // `mine` is the order as it was just made, until the server has said what holds

  computed: {
    placed() {
      const rows = this.ladder.rungs;
      return this.mine ? this.mine.map((id) => rows.find((row) => row.id === id)).filter(Boolean) : rows.filter((row) => row.place);
    },
    others() {
      return this.ladder.rungs.filter((row) => !this.placed.includes(row));
    },
  },
  watch: {
    ladder() {
      this.mine = null;
    },
  },

  methods: {
    move(n, by) {
      const ids = this.placed.map((row) => row.id);
      if (!(n + by in ids)) return;
      [ids[n], ids[n + by]] = [ids[n + by], ids[n]];
      this.keep(ids, this.placed[n], by < 0 ? 'up' : 'down', `is now number ${n + by + 1} of ${ids.length}`);
    },
    add(row) {
      const ids = [...this.placed.map((each) => each.id), row.id];
      this.keep(ids, row, 'up', `is now number ${ids.length} of ${ids.length}`);
    },
    take(row) {
      this.keep(this.placed.filter((each) => each !== row).map((each) => each.id), row, 'add', 'is no longer in the ladder');
    },
    // One order at a time: the next one begins from what the server has kept.
    keep(ids, row, act, said) {
      if (this.mine) return;
      const known = this.placed.map((each) => each.id);
      this.mine = ids;
      this.said = `${row.name} ${said}`;
      this.$nextTick(() => this.$el.querySelector(`[data-rung="${row.id}"] [data-act="${act}"]`)?.focus());
      this.$emit('order', ids, known);
    },
  },
};
