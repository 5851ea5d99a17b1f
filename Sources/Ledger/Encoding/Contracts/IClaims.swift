/// The contract of claims at 0x…d103, an ERC-1155, as clients see it.
public enum IClaims {}
