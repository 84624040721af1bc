// What is late, and of whom nobody was told. Minutes tick here; the server says only what changed. Read out at most once a minute.
const MUTED = 600000; // ms
const QUIET = 60000; // ms between two announcements, and between two sounds

export default {
  template: `
    <div>
      <aside v-if="kind" class="lk-banner" :data-kind="kind" aria-label="What is late">
        <svg class="lk-i" aria-hidden="true"><use :href="icons + (kind === 'unheard' ? '#bell' : '#circle-alert')"/></svg>
        <p class="lk-grow"><b>{{ said.what }}</b> <span>{{ said.more }}</span></p>
        <a class="lk-btn lk-small" :href="said.path">{{ said.act }}</a>
        <button type="button" class="lk-btn lk-quiet lk-square" title="Mute for 10 minutes" @click="mute">
          <svg class="lk-i lk-i14" aria-hidden="true"><use :href="icons + '#x'"/></svg><span class="lk-sr">Mute for 10 minutes</span>
        </button>
      </aside>
      <div class="lk-sr" role="status">{{ spoken }}</div>
    </div>`,

  props: { icons: String },
  data: () => ({ state: { late: 0, worst: null, unheard: [], nobody: 0, silent: 0 }, now: 0, muted: {}, spoken: '', heard: 0 }),

  computed: {
    // the louder one goes first; muting it shows the other
    kind() {
      if (this.state.nobody && !this.mutes('unheard')) return 'unheard';
      return this.state.late && !this.mutes('late') ? 'late' : '';
    },
    said() {
      return this.kind === 'unheard' ? this.unheard() : this.late();
    },
  },

  mounted() {
    for (const kind of ['late', 'unheard']) this.muted[kind] = Number(localStorage.getItem(`lk.muted.${kind}`) || 0);
    window.addEventListener('storage', this.elsewhere);
    document.addEventListener('visibilitychange', this.tick);
    document.addEventListener('pointerdown', this.unlock);
    document.addEventListener('keydown', this.unlock);
  },
  unmounted() {
    window.removeEventListener('storage', this.elsewhere);
    document.removeEventListener('visibilitychange', this.tick);
    document.removeEventListener('pointerdown', this.unlock);
    document.removeEventListener('keydown', this.unlock);
    clearInterval(this.ticking);
    clearTimeout(this.speaking);
  },

  methods: {
    // called by the server
    told(state) {
      if (state.nobody > this.state.nobody) this.heard = 0; // a new one is heard at once
      this.state = state;
      this.tick();
      clearInterval(this.ticking);
      if (state.late || state.nobody) this.ticking = setInterval(this.tick, 5000);
      this.speak();
    },

    tick() {
      this.now = window.lk.now();
      if (this.kind === 'unheard' && this.now - this.heard >= QUIET) this.sound();
    },
    mutes(kind) {
      return (this.muted[kind] || 0) > this.now;
    },
    late() {
      const { late, worst } = this.state;
      const what = late === 1 ? '1 lead is past its reply time.' : `${late} leads are past their reply time.`;
      const which = late === 1 ? 'It is' : 'The longest is';
      const more = `${which} ${worst.name}, ${worst.place}, ${this.since(worst)} late.`;
      if (location.pathname === '/sla') return { what, more, act: 'Open the longest', path: `/leads/${worst.id}` };
      return { what, more, act: 'Open SLA board', path: '/sla' };
    },
    unheard() {
      const { nobody, unheard } = this.state;
      const what = nobody === 1 ? 'Nobody was told of a hot lead.' : `Nobody was told of ${nobody} hot leads.`;
      const more = `No channel has taken the alert of ${unheard[0].name}, ${unheard[0].place}, who has waited ${this.since(unheard[0])}.`;
      return { what, more, act: 'Open lead', path: `/leads/${unheard[0].id}` };
    },
    since(each) {
      return window.lk.span(Math.max(0, this.now / 1000 - each.since)).replace(' ', '\u00a0');
    },
    mute() {
      const [kind, until] = [this.kind, window.lk.now() + MUTED];
      this.muted = { ...this.muted, [kind]: until };
      localStorage.setItem(`lk.muted.${kind}`, until);
      this.tick();
    },
    // another page of the same browser was muted
    elsewhere(event) {
      const kind = /^lk\.muted\.(late|unheard)$/.exec(event.key || '')?.[1];
      if (kind) this.muted = { ...this.muted, [kind]: Number(event.newValue || 0) };
    },

    speak() {
      const wait = QUIET - (Date.now() - (this.spoke || 0));
      clearTimeout(this.speaking);
      if (wait > 0) {
        this.speaking = setTimeout(this.speak, wait);
        return;
      }
      const text = this.kind ? `${this.said.what} ${this.said.more}` : '';
      if (text && text !== this.spoken) this.spoke = Date.now();
      this.spoken = text;
    },

    // Browsers give no sound before somebody has touched the page; the first touch makes up for it.
    unlock() {
      if (this.wanted) this.sound();
    },
    sound() {
      if (this.kind !== 'unheard' || this.state.silent * 1000 > window.lk.now()) return;
      this.wanted = !navigator.userActivation?.hasBeenActive;
      if (!this.wanted) this.play();
    },
    play() {
      this.heard = this.now = window.lk.now();
      this.audio ||= new AudioContext();
      this.audio.resume();
      const start = this.audio.currentTime;
      for (const [at, pitch] of [[0, 660], [0.18, 880], [0.6, 660], [0.78, 880]]) {
        const [tone, level] = [this.audio.createOscillator(), this.audio.createGain()];
        tone.frequency.value = pitch;
        level.gain.setValueAtTime(0.0001, start + at);
        level.gain.exponentialRampToValueAtTime(0.25, start + at + 0.02);
        level.gain.exponentialRampToValueAtTime(0.0001, start + at + 0.16);
        tone.connect(level).connect(this.audio.destination);
        tone.start(start + at);
        tone.stop(start + at + 0.17);
      }
      window.dispatchEvent(new CustomEvent('lk:alarm'));
    },
  },
};
