/// Several calls under one signature at 0x…d109, as clients see it.
public enum IBatch {}
