namespace Packer.Imaging;

/// <summary>What a node of a file system is.</summary>
internal enum NodeType
{
    File,
    Directory,
    SymbolicLink,
    CharacterDevice,
    BlockDevice,
    Fifo,
    Socket,
}
