// What can be done about a follow-up: orders to the server and their answers, and the menus. Mixed into the agenda.
import { local } from 'follow_up_form';

export default {
  emits: ['order', 'range'],

  created() {
    this.serial = 0;
    this.waiting = new Map(); // number of an order -> who waits for the answer
  },

  methods: {
    // {ok: true, …}, {ask: 'next'}, {errors: {field: sentence}}, or null when the page has said why not.
    order(name, values, patience = 20000) {
      const number = ++this.serial;
      return new Promise((resolve) => {
        const timer = setTimeout(() => this.answered(number, { errors: { '': 'No answer came. Look whether it was done before you try again.' } }), patience);
        this.waiting.set(number, (answer) => {
          clearTimeout(timer);
          resolve(answer);
        });
        this.$emit('order', { number, name, values });
      });
    },
    // called by the server
    answered(number, answer) {
      this.waiting.get(number)?.(answer);
      this.waiting.delete(number);
    },

    find(text) {
      return this.order('find', { text }).then((answer) => answer?.leads);
    },
    add() {
      this.$refs.form.add(null);
    },
    tick(row) {
      if (this.may && !row.done) this.complete(row);
    },
    async complete(row) {
      if (this.busy.has(row.id)) return;
      this.busy = new Set([...this.busy, row.id]);
      const next = this.after(row.id);
      const answer = await this.order('complete', { id: row.id, version: row.version, title: row.title, aloud: true });
      if (answer?.ok) this.done(row, next);
      else {
        this.busy = new Set([...this.busy].filter((id) => id !== row.id));
        if (answer?.ask) this.$refs.outcome.ask(row, async (values) => {
          const told = await this.order('complete', { id: row.id, version: row.version, title: row.title, ...values });
          if (told?.ok) this.done(row, next);
          return told;
        });
      }
    },
    // The one below, which gets the focus when this one is done.
    after(id) {
      const open = this.listed.filter((row) => !row.done);
      const at = open.findIndex((row) => row.id === id);
      return open[at + 1]?.id || open[at - 1]?.id || null;
    },
    done(row, next) {
      this.said = `${row.title} done`;
      if (this.at !== row.id) return;
      this.at = next;
      if (next) this.$nextTick(() => this.bring(next, true));
    },

    openWho() {
      const items = [{ value: '', label: 'Mine', icon: 'user-round' }, { value: 'all', label: 'Everybody', icon: 'users' }];
      this.people.filter((each) => each.id !== this.me).forEach((each, n) => items.push({ value: each.id, label: each.name, initials: each.initials, tint: each.tint, line: !n }));
      this.$refs.menu.open({ label: 'Whose', items: items.map((each) => ({ ...each, checked: each.value === this.asked.owner })), chosen: (owner) => owner !== this.asked.owner && this.go({ owner }) }, this.$refs.who);
    },
    openSnooze(row, anchor) {
      const items = window.lk.later().map(([name, at]) => ({ value: at.toISOString(), label: name, hint: window.lk.when(at.getTime()), icon: 'alarm-clock' }));
      items.push({ value: '', label: 'Pick date and time', icon: 'calendar', line: true });
      const chosen = (until) => (until ? this.order('snooze', { id: row.id, until, aloud: true }) : this.askTime(row));
      this.$refs.menu.open({ label: 'Snooze until', items, chosen }, this.button(anchor));
    },
    askTime(row) {
      const soon = Math.ceil((window.lk.now() + 3600000) / 1800000) * 1800000;
      this.$refs.sheet.ask({
        title: 'Snooze until', button: 'Snooze',
        fields: [{ name: 'until', label: 'Date and time', kind: 'datetime-local', value: local(soon), min: local(window.lk.now()) }],
        done: async ({ until }) => {
          if (!until) return { until: 'Choose a date and a time.' };
          const answer = await this.order('snooze', { id: row.id, until: new Date(until).toISOString() });
          return answer?.ok ? null : { until: Object.values(answer?.errors || {})[0] || 'This did not work. Try again in a moment.' };
        },
      });
    },
    openOwner(row, anchor) {
      const items = this.people.map((each) => ({ value: each.id, label: each.name + (each.id === this.me ? ' (you)' : ''), initials: each.initials, tint: each.tint, checked: each.id === row.ownerId }));
      this.$refs.menu.open({ label: 'Assign to', items, search: true, chosen: (owner) => owner !== row.ownerId && this.order('assign', { id: row.id, owner, aloud: true }) }, this.button(anchor));
    },
    openMore(row, anchor) {
      const items = [
        { value: 'complete', label: 'Done', icon: 'check', hint: 'E' },
        { value: 'snooze', label: 'Snooze', icon: 'alarm-clock', hint: 'S' },
        { value: 'assign', label: 'Assign to', icon: 'user-plus', hint: 'A' },
        { value: 'change', label: 'Change', icon: 'pencil' },
        { value: 'cancel', label: 'Remove', icon: 'trash-2' },
      ].filter(() => this.may && !row.done);
      items.push({ value: 'open', label: `Open ${row.lead}`, icon: 'arrow-right', line: items.length > 0 });
      this.$refs.menu.open({ label: row.title, items, chosen: (name) => this.more(name, row, anchor) }, this.button(anchor));
    },
    more(name, row, anchor) {
      if (name === 'complete') return this.complete(row);
      if (name === 'snooze') return this.openSnooze(row, anchor);
      if (name === 'assign') return this.openOwner(row, anchor);
      if (name === 'change') return this.$refs.form.change(row);
      if (name === 'open') return window.lk.go(`/leads/${row.leadId}`);
      return this.order(name, { id: row.id, aloud: true });
    },
    // What gets the focus back after a menu: of a whole row the button in it.
    button: (anchor) => anchor?.querySelector?.('.lk-fu-what') || anchor,
  },
};
