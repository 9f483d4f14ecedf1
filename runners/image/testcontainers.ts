// By name: a library in CommonJS that is imported while the program runs shows a bundle no names.
export { GenericContainer, getContainerRuntimeClient, ImageName } from 'testcontainers';
