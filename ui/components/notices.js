// The two voices of the page itself: short answers to what was done, and the bar that says the connection is gone.
export default {
  template: `
    <div>
      <div role="status" aria-live="polite">
        <div v-if="lost" class="lk-offline">
          <svg class="lk-i" aria-hidden="true"><use :href="icons + '#wifi-off'"/></svg>
          <span class="lk-grow"><b>{{ trying ? 'Reconnecting' : 'Connection lost' }}.</b> <span aria-hidden="true">{{ trying ? 'Asking the server now.' : 'Trying again in ' + left + ' s.' }}</span>
            <span class="lk-hide-s"> What is stored is safe; this page shows what it last knew.</span></span>
          <button type="button" class="lk-btn" @click="now">Reconnect</button>
        </div>
      </div>
      <div class="lk-toasts" role="status" aria-live="polite">
        <div v-if="text" class="lk-toast" :data-tone="tone">
          <svg class="lk-i" aria-hidden="true"><use :href="icons + (tone === 'red' ? '#circle-alert' : '#check')"/></svg><span>{{ text }}</span>
          <button v-if="undoable" type="button" class="lk-undo" title="Undo, Z" @click="undo">Undo</button>
          <button type="button" @click="text = ''"><svg class="lk-i lk-i14" aria-hidden="true"><use :href="icons + '#x'"/></svg><span class="lk-sr">Dismiss</span></button>
        </div>
      </div>
    </div>`,

  props: { icons: String },

  data() {
    return { lost: false, trying: false, left: 0, text: '', tone: '', undoable: false, failures: 0 };
  },

  mounted() {
    window.addEventListener('lk:key', this.key);
    document.getElementById('popup')?.replaceChildren(); // NiceGUI's own words for the same thing
    this.find = setInterval(() => {
      if (!window.socket) return;
      clearInterval(this.find);
      this.watch(window.socket);
    }, 20);
  },
  unmounted() {
    window.removeEventListener('lk:key', this.key);
    clearInterval(this.find);
    clearInterval(this.count);
  },

  methods: {
    watch(socket) {
      // socket.io waits a spread-out time between attempts; asking its backoff is how we can say how long.
      const { backoff } = socket.io;
      const duration = backoff.duration.bind(backoff);
      backoff.duration = () => {
        const ms = duration();
        if (!leaving) this.wait(ms);
        return ms;
      };
      let leaving = false; // a page that is being left loses its socket too: nothing to tell
      window.addEventListener('pagehide', () => (leaving = true));
      window.addEventListener('pageshow', () => (leaving = false));
      socket.on('disconnect', () => leaving || (this.lost = true));
      socket.io.on('reconnect_attempt', () => (this.trying = true));
      socket.io.on('reconnect_error', () => {
        this.trying = false;
        this.refused();
      });
      socket.on('connect', () => {
        [this.lost, this.trying, this.failures] = [false, false, 0];
        clearInterval(this.count);
      });
    },
    wait(ms) {
      [this.lost, this.trying, this.left] = [true, false, Math.ceil(ms / 1000)];
      clearInterval(this.count);
      this.count = setInterval(() => (this.left = Math.max(1, this.left - 1)), 1000);
    },
    // A server that answers but refuses the socket does not know us any more: the page says so, or the sign-in. Once in a while only.
    async refused() {
      if (++this.failures < 2 || Date.now() - (sessionStorage.getItem('lk.reloaded') || 0) < 30000) return;
      sessionStorage.setItem('lk.reloaded', Date.now());
      this.now();
    },
    // A page that answers is a better one than this: load it. If nobody answers, keep what is shown.
    async now() {
      this.trying = true;
      try {
        if ((await fetch('/health', { cache: 'no-store' })).ok) location.reload();
      } catch {
        this.trying = false;
      }
    },
    toast(text, tone) {
      [this.text, this.tone, this.undoable] = [text, tone, false];
      clearTimeout(this.fade);
      this.fade = setTimeout(() => (this.text = ''), tone === 'red' ? 10000 : 5000);
    },
    offer(text) {
      this.toast(text, '');
      this.undoable = true;
    },
    undo() {
      if (!this.undoable || !this.text) return;
      [this.text, this.undoable] = ['', false];
      this.$emit('undo');
    },
    key(event) {
      if (event.detail.name === 'undo') this.undo();
    },
  },
};
