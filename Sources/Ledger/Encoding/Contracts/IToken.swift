/// Every issued token at its own address, as clients see it: ERC-20, ERC-2612, AccessControl and more.
public enum IToken {}
