// The order matters: @peculiar/x509 cannot be loaded before the functions of the first import exist. Import x509 from here only.
import "./reflect-metadata.ts";
export * from "@peculiar/x509";
