/** The baleen whale. Decoration: whatever it stands for is written beside it. */
export const Whale = () => (
  <svg class="whale" viewBox="2 14 62 36" aria-hidden="true" focusable="false">
    <path d="M3.6 29.3C9.5 24.3 17.4 21.6 26 21.6C36 21.6 43.6 25 48 30.4C50.4 33.3 52.6 33.4 53.8 30.6C54.6 28.6 54.4 26.4 53.4 24.2C50.6 23.6 48 21.6 46.6 18.4C50.6 17.4 54 18.2 56.2 20.6C57.6 17.6 60 15.8 63 15.6C63.4 19.4 62 22.4 59.4 24C60.6 28 60.4 32.2 58.8 36C55.8 43 48.6 47.4 38.4 48.2C26 49.2 11.6 45.4 5.4 37C3.8 34.8 3 32 3.6 29.3Z" />
    <path
      class="whale-line"
      d="M3.6 30C11 34 18 34.4 25.4 31.4M9.6 37.8C15.6 40.6 22.4 41 29 39M14.6 42.2C19.8 44.2 25.8 44.4 31.2 43"
    />
    <circle class="whale-eye" cx="28.8" cy="29.4" r="1.5" />
  </svg>
)
