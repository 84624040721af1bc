// Choosing and answering: a menu at a button, and a dialog with a few fields. Both give the focus back to where it came from.
const icon = (name, more = '') => `<svg class="lk-i ${more}" aria-hidden="true"><use :href="icons + '#${name}'"/></svg>`;

// `open({label, items, search, chosen}, anchor)`; items are {value, label, hint?, icon?, checked?, line?}; `find(text)` may fetch further items.
export const Menu = {
  template: `
    <div v-if="what" ref="pop" class="lk-choose" :class="{ 'lk-wide': what.search }" :style="place" :role="what.search ? 'dialog' : 'menu'" :aria-label="what.label" @keydown="key" @focusout="left">
      <input v-if="what.search" ref="input" class="lk-choose-in" type="text" role="combobox" autocomplete="off" aria-expanded="true" aria-autocomplete="list" aria-controls="lk-choose-list"
        :aria-activedescendant="shown.length ? 'lk-choose-' + at : null" :aria-label="what.label" :placeholder="what.label" v-model="text" @input="look">
      <div id="lk-choose-list" class="lk-choose-list" :role="what.search ? 'listbox' : 'presentation'" :aria-label="what.search ? what.label : null">
        <button v-for="(item, n) in shown" :key="item.value" :id="'lk-choose-' + n" type="button" tabindex="-1" :class="{ 'lk-line': item.line, 'lk-at': what.search && n === at }"
          :role="what.search ? 'option' : item.checked === undefined ? 'menuitem' : 'menuitemradio'" :aria-selected="what.search ? (n === at ? 'true' : 'false') : null"
          :aria-checked="!what.search && item.checked !== undefined ? String(item.checked) : null" @click="choose(item)" @pointermove="at = n">
          <span v-if="item.initials !== undefined" class="lk-av" :data-av="item.tint" aria-hidden="true">{{ item.initials }}</span>
          <svg v-else-if="item.icon" class="lk-i lk-i14" aria-hidden="true"><use :href="icons + '#' + item.icon"/></svg>
          <span class="lk-grow"><span class="lk-cut">{{ item.label }}</span><span v-if="item.note" class="lk-meta lk-cut">{{ item.note }}</span></span>
          <span v-if="item.hint" class="lk-hint">{{ item.hint }}</span>${icon('check', 'lk-i14').replace('<svg', '<svg v-if="item.checked"')}
        </button>
      </div>
      <p v-if="what.search && !shown.length" class="lk-hint lk-choose-none">{{ text || !what.find ? 'Nobody and nothing by this name' : 'Type a name, an address or a number' }}</p>
    </div>`,

  props: { icons: String },
  data: () => ({ what: null, place: null, text: '', at: 0, found: [] }),
  computed: {
    shown() {
      if (this.what.find) return this.found;
      const words = this.text.trim().toLowerCase();
      return words ? this.what.items.filter((item) => item.label.toLowerCase().includes(words)) : this.what.items;
    },
  },
  mounted() {
    document.addEventListener('pointerdown', this.outside, true);
    window.addEventListener('resize', this.close);
  },
  unmounted() {
    document.removeEventListener('pointerdown', this.outside, true);
    window.removeEventListener('resize', this.close);
    clearTimeout(this.timer);
  },

  methods: {
    open(what, anchor) {
      const again = this.what && this.anchor === anchor && this.what.label === what.label;
      this.close();
      if (again) return;
      this.anchor = anchor;
      anchor?.setAttribute('aria-expanded', 'true');
      const box = anchor?.getClientRects().length ? anchor.getBoundingClientRect() : { left: innerWidth / 2, right: innerWidth / 2, bottom: 80, top: 80 };
      const width = what.search ? 288 : 232;
      const below = innerHeight - box.bottom - 16;
      const up = below < 240 && box.top > below;
      const left = Math.max(8, Math.min(box.left, innerWidth - width - 8));
      this.place = { left: `${left}px`, width: `${width}px`, ...(up ? { bottom: `${innerHeight - box.top + 4}px` } : { top: `${box.bottom + 4}px` }), '--room': `${Math.max(140, up ? box.top - 16 : below)}px` };
      [this.what, this.text, this.found, this.at] = [what, '', [], Math.max(0, what.items?.findIndex((item) => item.checked) ?? 0)];
      this.$nextTick(() => (what.search ? this.$refs.input : this.button(this.at))?.focus());
    },
    close() {
      this.anchor?.setAttribute('aria-expanded', 'false');
      this.what = this.anchor = null;
    },
    button: (n) => document.getElementById(`lk-choose-${n}`),
    choose(item) {
      const { chosen } = this.what;
      const anchor = this.anchor;
      this.close();
      anchor?.focus();
      chosen(item.value, item);
    },
    look() {
      this.at = 0;
      if (!this.what.find) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(async () => {
        const { what, text } = this;
        const found = text.trim() ? await what.find(text.trim()) : [];
        if (this.what === what && this.text === text) this.found = found || [];
      }, 120);
    },
    key(event) {
      if (event.key === 'Escape') {
        const anchor = this.anchor;
        this.close();
        anchor?.focus();
      } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') this.step(event.key === 'ArrowDown' ? 1 : -1);
      else if (event.key === 'Enter' && this.shown[this.at]) this.choose(this.shown[this.at]);
      else if (event.key !== 'Tab' && !event.ctrlKey && !event.metaKey) return event.stopPropagation();
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    step(by) {
      if (!this.shown.length) return;
      this.at = (this.at + by + this.shown.length) % this.shown.length;
      if (this.what.search) this.button(this.at)?.scrollIntoView({ block: 'nearest' });
      else this.button(this.at)?.focus();
    },
    left(event) {
      if (event.relatedTarget && !this.$refs.pop?.contains(event.relatedTarget)) this.close();
    },
    outside(event) {
      if (this.what && !this.$refs.pop?.contains(event.target) && !this.anchor?.contains(event.target)) this.close();
    },
  },
};

// `ask({title, text?, button, fields: [{name, label, kind, value?, choices?, hint?}], done(values) -> errors or nothing})`
export const Sheet = {
  template: `
    <dialog v-if="what" ref="box" class="lk-top" role="dialog" aria-modal="true" :aria-label="what.title" @cancel.prevent="close" @close="gone" @keydown.stop="key" @pointerdown.self="close">
      <form class="lk-dialog lk-prompt" novalidate @submit.prevent="send">
        <header><h2>{{ what.title }}</h2></header>
        <div class="lk-inside">
          <p v-if="what.text" class="lk-hint">{{ what.text }}</p>
          <p v-if="errors['']" class="lk-alert" role="alert">{{ errors[''] }}</p>
          <div v-for="each in what.fields" :key="each.name" class="lk-field">
            <label :for="'lk-prompt-' + each.name">{{ each.label }}</label>
            <select v-if="each.choices" :id="'lk-prompt-' + each.name" v-model="values[each.name]"><option v-for="one in each.choices" :key="one" :value="one">{{ one }}</option></select>
            <input v-else :id="'lk-prompt-' + each.name" :type="each.kind || 'text'" v-model="values[each.name]" :maxlength="each.most || 300" :min="each.min" :aria-invalid="errors[each.name] ? 'true' : null"
              :aria-describedby="errors[each.name] ? 'lk-prompt-wrong-' + each.name : null" autocomplete="off">
            <p v-if="errors[each.name]" :id="'lk-prompt-wrong-' + each.name" class="lk-wrong" role="alert">{{ errors[each.name] }}</p>
            <p v-else-if="each.hint" class="lk-hint">{{ each.hint }}</p>
          </div>
        </div>
        <footer><button type="button" class="lk-btn" @click="close">Cancel</button><button type="submit" class="lk-btn lk-primary" :disabled="busy">{{ what.button }}</button></footer>
      </form>
    </dialog>`,

  data: () => ({ what: null, values: {}, errors: {}, busy: false }),
  methods: {
    ask(what) {
      this.opener = document.activeElement;
      [this.what, this.errors, this.busy] = [what, {}, false];
      this.values = Object.fromEntries(what.fields.map((each) => [each.name, each.value ?? '']));
      this.$nextTick(() => {
        this.$refs.box.showModal();
        this.$refs.box.querySelector('input, select')?.focus();
      });
    },
    close() {
      this.$refs.box?.close();
    },
    gone() {
      this.what = null;
      this.opener?.focus?.();
    },
    key(event) {
      if (event.key === 'Escape') {
        event.preventDefault();
        this.close();
      }
    },
    async send() {
      this.busy = true;
      this.errors = (await this.what.done({ ...this.values })) || {};
      this.busy = false;
      if (!Object.keys(this.errors).length) this.close();
    },
  },
};
