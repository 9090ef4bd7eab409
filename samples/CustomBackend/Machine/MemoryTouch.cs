namespace CustomBackend.Machine;

/// <summary>Some bytes that an instruction reads or writes.</summary>
public readonly record struct MemoryTouch(uint Address, uint Size, PageRight Needs);
