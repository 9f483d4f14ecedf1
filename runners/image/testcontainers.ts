// Named re-exports, because the bundler cannot see the names of a CommonJS module behind a dynamic import.
export { GenericContainer, getContainerRuntimeClient, ImageName } from 'testcontainers';
