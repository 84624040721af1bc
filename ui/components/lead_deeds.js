// What can be done about the open lead: orders to the server and their answers, the menus, the keys.
const LOST = ['Too expensive', 'Went to somebody else', 'Not what they need', 'Could not be reached', 'Not serious'];

export default {
  emits: ['order', 'leave'],

  created() {
    this.serial = 0;
    this.waiting = new Map(); // number of an order -> who waits for the answer
  },
  mounted() {
    this.find = setInterval(() => {
      if (!window.socket) return;
      clearInterval(this.find);
      this.down = !window.socket.connected;
      window.socket.on('connect', this.joined);
      window.socket.on('disconnect', this.parted);
    }, 20);
  },
  unmounted() {
    clearInterval(this.find);
    window.socket?.off('connect', this.joined);
    window.socket?.off('disconnect', this.parted);
  },

  methods: {
    joined() {
      this.down = false;
    },
    parted() {
      this.down = true;
      for (const done of this.waiting.values()) done({ lost: true });
    },

    // An order to the server: {ok: true, …}, {errors: {field: sentence}}, null when the page has said why not, {lost: true} when nobody knows.
    order(name, values, patience = 20000) {
      if (this.down) return Promise.resolve({ errors: { '': 'There is no connection right now; nothing was changed.' } });
      const number = ++this.serial;
      return new Promise((resolve) => {
        const timer = setTimeout(() => done({ lost: true }), patience);
        const done = (answer) => {
          clearTimeout(timer);
          this.waiting.delete(number);
          resolve(answer);
        };
        this.waiting.set(number, done);
        this.$emit('order', { number, name, lead: this.lead.id, values });
      });
    },
    // called by the server
    answered(number, answer) {
      this.waiting.get(number)?.(answer);
    },

    async deed(name, values = {}) {
      const answer = await this.order(name, { ...values, aloud: true });
      const wrong = answer?.errors && Object.values(answer.errors)[0];
      if (wrong) this.said = wrong;
      return answer;
    },
    edit(values) {
      return this.deed('edit', values);
    },
    async retry(id) {
      this.busy = new Set([...this.busy, id]);
      const answer = await this.deed('retry', { delivery: id });
      if (!answer?.ok) this.busy = new Set([...this.busy].filter((each) => each !== id));
    },
    retryAll() {
      for (const row of this.lead.deliveries.filter((each) => each.retry)) this.retry(row.id);
    },
    async called(reached) {
      if ((await this.deed('called', { reached }))?.ok) this.calling = false;
    },
    // A meeting stops the clock for good, so it is asked for once more; the focus goes there and comes back.
    askMet() {
      [this.calling, this.meeting] = [false, true];
      this.$nextTick(() => this.$refs.met?.focus());
    },
    async met(held) {
      if (held && !(await this.deed('met'))?.ok) return;
      this.meeting = false;
      this.$nextTick(() => this.$refs.meet?.focus());
    },
    merged(kept) {
      if (kept !== this.lead.id) window.lk.go(`/leads/${kept}`);
    },
    compare(other) {
      this.$refs.compare.open(this.lead.id, other);
    },

    // menus
    menu(label, items, anchor, chosen, more = {}) {
      this.$refs.menu.open({ label, items, chosen, ...more }, anchor);
    },
    openSnooze() {
      const items = window.lk.later().map(([name, at]) => ({ value: at.toISOString(), label: name, hint: window.lk.when(at.getTime()), icon: 'alarm-clock' }));
      items.push({ value: '', label: 'Pick date and time', icon: 'calendar', line: true });
      this.menu('Snooze until', items, this.$refs.snooze, (until) => (until ? this.deed('snooze', { until }) : this.askTime()));
    },
    openOwner(anchor) {
      const items = this.lead.people.map((each) => ({ value: each.id, label: each.name + (each.id === this.me ? ' (you)' : ''), initials: each.initials, tint: each.tint, checked: each.id === this.lead.ownerId }));
      if (this.lead.ownerId) items.push({ value: '', label: 'Nobody', icon: 'circle', line: true });
      this.menu('Assign to', items, anchor, (owner) => this.deed('assign', { owner }), { search: true });
    },
    openPlace(anchor) {
      this.menu('Location', this.lead.places.map((each) => ({ value: each.id, label: each.name, checked: each.id === this.lead.locationId })), anchor, (locationId) => this.edit({ locationId }));
    },
    openStatus(anchor) {
      const words = [['open', 'Open'], ['waiting', 'Waiting for the customer'], ['closed', 'Closed']];
      this.menu('Status', words.map(([value, label]) => ({ value, label, checked: value === this.lead.status })), anchor, (status) => {
        if (status === this.lead.status) return;
        if (status === 'waiting') this.edit({ status });
        else this.deed(status === 'closed' ? 'close' : 'reopen');
      });
    },
    openStage(anchor) {
      this.menu('Stage', this.lead.stages.map((each) => ({ ...each, checked: each.value === this.lead.stage })), anchor, (stage) => (stage === 'lost' ? this.askLost((lostReason) => this.order('edit', { stage, lostReason })) : this.edit({ stage })));
    },
    openQuality(anchor) {
      const words = [['hot', 'Hot'], ['warm', 'Warm'], ['cold', 'Cold']];
      this.menu('Quality', words.map(([value, label]) => ({ value, label, checked: value === this.lead.quality })), anchor, (quality) => quality !== this.lead.quality && this.askWhy(quality));
    },
    openMore() {
      const items = [
        { value: 'assign', label: 'Assign to', icon: 'user-plus', hint: 'A' },
        { value: 'follow-up', label: 'Add a follow-up', icon: 'list-plus', hint: 'T' },
        { value: 'unread', label: 'Mark as unread', icon: 'mail' },
        { value: 'answered', label: 'Answered elsewhere', icon: 'check-check' },
        { value: 'won', label: 'Close as won', icon: 'circle-check', line: true },
        { value: 'lost', label: 'Close as lost', icon: 'circle-x' },
        { value: 'merge', label: 'Merge with', icon: 'git-merge', line: true },
        { value: 'copy', label: 'Copy link', icon: 'link' },
      ].filter(({ value }) => (value !== 'answered' || this.running) && (!['won', 'lost', 'follow-up'].includes(value) || this.lead.status !== 'closed'));
      this.menu('More', items, this.$refs.more, this.more);
    },
    more(name) {
      if (name === 'assign') this.openOwner(this.$refs.more);
      else if (name === 'follow-up') this.addStep();
      else if (name === 'won') this.deed('close', { stage: 'won' });
      else if (name === 'lost') this.askLost((reason) => this.order('close', { stage: 'lost', reason }));
      else if (name === 'merge') this.openMerge();
      else if (name === 'copy') this.copy();
      else this.deed(name);
    },
    openMerge() {
      const find = async (text) => (await this.order('find', { text }))?.leads;
      this.menu('Merge with', [], this.$refs.more, (other) => this.compare(other), { search: true, find });
    },
    async copy() {
      try {
        await navigator.clipboard.writeText(`${location.origin}/leads/${this.lead.id}`);
        this.said = 'Link copied';
        this.$emit('order', { number: 0, name: 'copied', lead: this.lead.id, values: {} });
      } catch {
        this.$refs.sheet.ask({ title: 'Copy link', button: 'Done', fields: [{ name: 'link', label: 'The address of this lead', value: `${location.origin}/leads/${this.lead.id}` }], done: () => null });
      }
    },

    // next steps
    addStep() {
      if (this.lead.status !== 'closed') this.$refs.follow.add({ id: this.lead.id, name: this.lead.name, owner: this.lead.ownerId });
    },
    async endStep(step) {
      const values = { id: step.id, version: step.version, title: step.title };
      const answer = await this.order('follow-up.complete', { ...values, aloud: true });
      if (answer?.ask) this.$refs.outcome.ask(step, (more) => this.order('follow-up.complete', { ...values, ...more }));
    },
    openStep(step, anchor) {
      const items = [{ value: 'complete', label: 'Done', icon: 'check' }];
      items.push(...window.lk.later().map(([name, at], n) => ({ value: at.toISOString(), label: name, hint: window.lk.when(at.getTime()), icon: 'alarm-clock', line: !n })));
      items.push({ value: 'change', label: 'Change', icon: 'pencil', line: true }, { value: 'cancel', label: 'Remove', icon: 'trash-2' });
      this.menu(step.title, items, anchor, (name) => {
        if (name === 'complete') this.endStep(step);
        else if (name === 'change') this.$refs.follow.change(step);
        else if (name === 'cancel') this.deed('follow-up.cancel', { id: step.id });
        else this.deed('follow-up.snooze', { id: step.id, until: name });
      });
    },

    // questions
    errors: (answer, names) => (answer?.ok ? null : answer?.errors ? Object.fromEntries(Object.entries(answer.errors).map(([name, text]) => [names[name] ?? '', text])) : { '': 'This did not work. Try again in a moment.' }),
    askTime() {
      const local = (ms) => new Date(ms - new Date(ms).getTimezoneOffset() * 60000).toISOString().slice(0, 16);
      const soon = Math.ceil((window.lk.now() + 3600000) / 1800000) * 1800000;
      this.$refs.sheet.ask({
        title: 'Snooze until', button: 'Snooze',
        fields: [{ name: 'until', label: 'Date and time', kind: 'datetime-local', value: local(soon), min: local(window.lk.now()) }],
        done: async ({ until }) => (until ? this.errors(await this.order('snooze', { until: new Date(until).toISOString() }), { until: 'until' }) : { until: 'Choose a date and a time.' }),
      });
    },
    askLost(send) {
      this.$refs.sheet.ask({
        title: 'Why was it lost?', button: 'Save',
        fields: [{ name: 'reason', label: 'Reason', choices: [...LOST, 'Something else'], value: LOST[0] }, { name: 'own', label: 'In your own words', hint: 'Needed only for something else.' }],
        done: async ({ reason, own }) => {
          const said = own.trim() ? (reason === 'Something else' ? own.trim() : `${reason}: ${own.trim()}`) : reason;
          return said === 'Something else' ? { own: 'Say in a few words why.' } : this.errors(await send(said), { lostReason: 'own' });
        },
      });
    },
    askWhy(quality) {
      this.$refs.sheet.ask({
        title: `Set quality to ${quality}`, button: 'Save', text: 'The deadline of the first reply moves with it.',
        fields: [{ name: 'why', label: 'Why', hint: 'Shown to your team. May be left empty.' }],
        done: async ({ why }) => this.errors(await this.order('edit', { quality, ...(why.trim() ? { qualityReason: why.trim() } : {}) }), { qualityReason: 'why' }),
      });
    },
    askVehicle() {
      const parts = [['year', 'Year'], ['make', 'Make'], ['model', 'Model'], ['size', 'Size']];
      this.$refs.sheet.ask({
        title: 'Vehicle', button: 'Save',
        fields: parts.map(([name, label]) => ({ name, label, value: this.lead.vehicleParts[name] || '' })),
        done: async (vehicle) => this.errors(await this.order('edit', { vehicle }), Object.fromEntries(parts.map(([name]) => [`vehicle.${name}`, name]))),
      });
    },

    // keys and palette; `value` is what a palette entry has chosen already
    key(event) {
      const { name, value } = event.detail;
      if (!this.lead || document.querySelector('.lk-marked')) return; // the list has several in hand
      if (name === 'back') return this.$emit('leave');
      if (name === 'call') return this.$refs.call?.click();
      if (name === 'retry' && this.mayReplay) return this.retryAll();
      if (!this.mayWrite) return;
      if (name === 'reply' || name === 'note') this.write(name);
      else if (name === 'meeting') this.askMet();
      else if (name === 'snooze') value ? this.deed('snooze', { until: value }) : this.$refs.snooze && this.openSnooze();
      else if (name === 'assign') value ? this.deed('assign', { owner: value }) : this.openOwner(this.$el.querySelector('[data-field="owner"] button') || this.$refs.more);
      else if (name === 'assign-me') this.deed('assign', { owner: this.me });
      else if (name === 'close' && this.lead.status !== 'closed') this.deed('close');
      else if (name === 'unread') this.deed('unread');
      else if (name === 'follow-up') this.addStep();
    },
    write(kind) {
      if (this.tab !== 'timeline' && this.tab !== 'messages') this.turn('timeline');
      this.$nextTick(() => this.$refs.composer.focus(kind));
    },
  },
};
