/// The contract of legal entities at 0x…d106, as clients see it.
public enum IEntities {}
