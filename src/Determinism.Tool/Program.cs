using Determinism.Tool;

return new ToolProgram(Console.Out, Console.Error).Invoke(args);
