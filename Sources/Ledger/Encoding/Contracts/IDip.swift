/// The contract of native DIP at 0x…d100, an ERC-20, as clients see it.
public enum IDip {}
