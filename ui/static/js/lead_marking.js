// Marking several leads of the list and doing something with them: by the bar, its menus, and keys. A mixin of the list.
window.lkMarking = {
  data: () => ({ menu: '', marked: new Set(), anchor: null }),

  computed: {
    choices() {
      if (this.menu === 'snooze') return this.times();
      return [{ value: '', name: 'Nobody', hint: '' }, ...this.people.map(([value, name]) => ({ value, name: value === this.me ? `${name} (you)` : name, hint: value === this.me ? 'I' : '' }))];
    },
  },

  mounted() {
    document.addEventListener('click', this.away);
  },
  unmounted() {
    document.removeEventListener('click', this.away);
  },

  methods: {
    clicked(event, item) {
      this.selected = item.id;
      if (this.marked.size) {
        event.preventDefault();
        event.stopPropagation();
        this.mark(item.id, event.shiftKey);
        return;
      }
      if (!event.metaKey && !event.ctrlKey && !event.shiftKey) this.open_id = item.id;
    },
    mark(id, extend) {
      this.marked = window.lkRows.marked(this.marked, this.leads.map((item) => item.id), id, this.anchor, extend);
      this.anchor = id;
      this.said = `${this.marked.size} selected`;
    },
    unmark() {
      this.marked = new Set();
      this.menu = '';
    },
    chosen() {
      if (this.marked.size) return [...this.marked];
      const id = this.open_id || this.selected;
      return this.rows.some((row) => row.id === id) ? [id] : [];
    },
    act(name, value = '') {
      const ids = this.chosen();
      this.menu = '';
      if (!ids.length) return;
      if (name === 'close' && ids.length === 1) this.after(ids[0]);
      this.$emit('act', { name, ids, value });
      this.unmark();
    },
    // After E the next row is the one to go on with.
    after(id) {
      const ids = this.leads.map((item) => item.id);
      const next = ids[ids.indexOf(id) + 1];
      if (next && this.open_id !== id) this.select(next);
    },
    toggle(name) {
      this.menu = this.menu === name ? '' : name;
      if (!this.menu) return this.opener?.focus();
      this.opener = document.activeElement;
      this.$nextTick(() => this.$refs.menu?.querySelector('button, input')?.focus());
    },
    roam(step) {
      const all = [...this.$refs.menu.querySelectorAll('button')];
      all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
    },
    away(event) {
      if (this.menu && !event.target.closest?.('.lk-pop, [aria-expanded]')) this.menu = '';
    },
    times() {
      return window.lk.later().map(([name, at]) => ({ name, value: at.toISOString(), hint: this.when(at.getTime()) }));
    },
    send: (name) => window.dispatchEvent(new CustomEvent('lk:' + name)),
  },
};
