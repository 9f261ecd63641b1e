declare module "*.css";

declare module "*.module.css" {
  // biome-ignore lint/suspicious/noExplicitAny: a class is then `styles.name`, without a check for undefined at every use
  const styles: any;
  export default styles;
}
