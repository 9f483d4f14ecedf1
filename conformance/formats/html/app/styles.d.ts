// The bundler turns imported style sheets into the styles of the page.
declare module '*.css';
