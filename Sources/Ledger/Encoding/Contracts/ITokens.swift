/// The token factory at 0x…d101, as clients see it.
public enum ITokens {}
