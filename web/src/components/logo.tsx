/** The mark: water through open gates. */
export function Logo({ size = 24 }: { size?: number }) {
  return (
    <svg aria-hidden="true" focusable="false" height={size} viewBox="0 0 32 32" width={size}>
      <rect fill="#0f6d7a" height="32" rx="7" width="32" />
      <g fill="none" stroke="#fff" strokeLinecap="round" strokeWidth="2.6">
        <path d="M6 10.5h8.5m3 0H26" />
        <path d="M6 16h14.5m3 0H26" />
        <path d="M6 21.5h4.5m3 0H26" />
      </g>
    </svg>
  );
}
