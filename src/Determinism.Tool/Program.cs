using Determinism.Tool;

return new ToolProgram(StandardOutput.Open(), Console.Error).Invoke(args);
