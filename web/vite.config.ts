import { defineConfig } from 'vite';
import { imagesAsFiles, scriptInModule, stylesByScript } from './vite/viewer';

// The service serves web/dist itself, at any path prefix, under `default-src 'self'`: so addresses are relative,
// and nothing is inlined as a data: URI.
export default defineConfig({
  base: './',
  plugins: [stylesByScript(), imagesAsFiles(), scriptInModule()],
  build: {
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    chunkSizeWarningLimit: 1024, // in kB, before compression: the viewer of /docs
    rollupOptions: {
      input: ['index.html', 'docs.html', 'dashboard.html'],
      onwarn(warning, warn) {
        // SignalR ships two /*#__PURE__*/ comments where Rollup can do nothing with them; its code is not ours to mend.
        if (warning.code !== 'INVALID_ANNOTATION') warn(warning);
      },
    },
  },
  server: {
    proxy: {
      '/api': 'http://127.0.0.1:5005',
      '/metrics': 'http://127.0.0.1:5005',
      '/health': 'http://127.0.0.1:5005',
      '/admin': 'http://127.0.0.1:5005',
      '/hubs': { target: 'http://127.0.0.1:5005', ws: true },
    },
  },
});
